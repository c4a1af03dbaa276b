// What podplay finds out about hosts, from folders that look like them, and what it then does with
// podman.
#include <gmock/gmock.h>
#include <stdlib.h>

#include <filesystem>
#include <fstream>
#include <functional>

#include "cli/lifecycle_ports.hpp"
#include "cli/lifecycle_readiness.hpp"
#include "cli/podman_host.hpp"
#include "model/settings.hpp"

namespace podplay::cli {
namespace {

namespace fs = std::filesystem;
using testing::HasSubstr;
using testing::IsEmpty;

class Folder {
 public:
  Folder() {
    std::string name = fs::temp_directory_path() / "podplay-host-XXXXXX";
    path_ = ::mkdtemp(name.data());
  }
  Folder(const Folder&) = delete;
  Folder& operator=(const Folder&) = delete;
  ~Folder() { fs::remove_all(path_); }
  void write(const std::string& name, const std::string& text) const {
    fs::create_directories((path_ / name).parent_path());
    std::ofstream(path_ / name) << text;
  }
  const fs::path& path() const { return path_; }

 private:
  fs::path path_;
};

HostFacts ordinary_host() {
  HostFacts facts;
  facts.user = "root";
  facts.cgroups = Cgroups::v2;
  facts.init_name = "systemd";
  facts.podman_version = "5.4.2";
  facts.crun = "/usr/bin/crun";
  facts.run_folder = "/run/podplay";
  return facts;
}

bool any_fatal(const HostFacts& facts) {
  const auto settings = effective_settings({});
  return !stop_at(find_needs(facts)) || !stop_at(find_port_needs(facts, *settings));
}

TEST(PlanPodman, AnOrdinaryHostGetsNothingSpecial) {
  const PodmanPlan plan = plan_podman(ordinary_host());
  EXPECT_THAT(plan.prefix, testing::ElementsAre("podman"));
  EXPECT_THAT(plan.environment, IsEmpty());
  EXPECT_FALSE(any_fatal(ordinary_host()));
}

TEST(PlanPodman, HybridCgroupsChooseRunc) {
  HostFacts facts = ordinary_host();
  facts.cgroups = Cgroups::hybrid;
  EXPECT_TRUE(any_fatal(facts)) << "runc is missing";
  facts.runc = "/usr/sbin/runc";
  EXPECT_FALSE(any_fatal(facts));
  EXPECT_EQ(plan_podman(facts).runtime, "/usr/sbin/runc");
  EXPECT_FALSE(plan_podman(facts).strip_limits);
}

TEST(PlanPodman, WithoutSysResourceLimitsAreLeftOut) {
  HostFacts facts = ordinary_host();
  facts.sys_resource = false;
  const PodmanPlan plan = plan_podman(facts);
  EXPECT_TRUE(plan.strip_limits);
  EXPECT_EQ(plan.runtime, "/usr/bin/crun");
  EXPECT_EQ(plan.environment.at("CONTAINERS_CONF"), "/run/podplay/containers.conf");
  facts.rootless = true;
  EXPECT_FALSE(plan_podman(facts).strip_limits)
      << "rootless podman only asks for what the user has";
  facts.cgroups = Cgroups::hybrid;
  facts.runc = "/usr/sbin/runc";
  EXPECT_TRUE(plan_podman(facts).strip_limits)
      << "but cgroups of version 1 are nobody's to delegate";
}

TEST(PlanPodman, AnUnknownProcessOneGetsAReaper) {
  HostFacts facts = ordinary_host();
  facts.init_name = "something";
  EXPECT_THAT(plan_podman(facts).prefix,
              testing::ElementsAre("/run/podplay/podplay-oci-runtime", kReapOption, "podman"));
}

TEST(FindNeeds, RootlessSaysWhatIsMissing) {
  HostFacts facts = ordinary_host();
  facts.rootless = true;
  facts.first_free_port = 1024;
  EXPECT_FALSE(any_fatal(facts));
  facts.tun = false;
  EXPECT_TRUE(any_fatal(facts));
  facts.tun = true;
  facts.pasta = false;
  EXPECT_TRUE(any_fatal(facts));
  facts.pasta = true;
  facts.linger = false;
  EXPECT_FALSE(any_fatal(facts)) << "worth a note, no obstacle";
  facts.first_free_port = 9000;
  EXPECT_TRUE(any_fatal(facts)) << "8080 may not be published";
  EXPECT_TRUE(stop_at(find_needs(facts))) << "but a pod that runs can be stopped";
}

TEST(BusyPorts, NamesTheProcessThatListens) {
  const Folder host;
  const std::string heading =
      "  sl  local_address rem_address   st tx_queue rx_queue tr tm->when retrnsmt   uid  timeout "
      "inode\n";
  host.write("proc/net/tcp", heading +
                                 "   0: 0100007F:1F90 00000000:0000 0A 00000000:00000000 "
                                 "00:00000000 00000000     0        0 4711 1\n" +
                                 "   1: 0100007F:1F91 0100007F:1F90 01 00000000:00000000 "
                                 "00:00000000 00000000     0        0 4712 1\n");
  host.write("proc/net/udp", heading +
                                 "   0: 00000000:041D 00000000:0000 07 00000000:00000000 "
                                 "00:00000000 00000000     0        0 99 1\n");
  host.write("proc/123/cmdline", std::string("/usr/sbin/nginx\0-g\0daemon off;\0", 31));
  fs::create_directories(host.path() / "proc/123/fd");
  fs::create_symlink("socket:[4711]", host.path() / "proc/123/fd/7");

  const auto busy = busy_ports(
      host.path(), {{"apache", "http", "PODPLAY_HOST_HTTP_PORT", "127.0.0.1", 8080, false},
                    {"apache", "https", "PODPLAY_HOST_HTTPS_PORT", "127.0.0.1", 8081, false},
                    {"bind", "dns-udp", "PODPLAY_HOST_DNS_PORT", "127.0.0.1", 1053, true},
                    {"bind", "dns-tcp", "PODPLAY_HOST_DNS_PORT", "127.0.0.1", 1053, false}});
  ASSERT_EQ(busy.size(), 2U) << "8081 has only a connection, 1053 only listens over UDP";
  EXPECT_EQ(busy[0].pid, 123);
  EXPECT_THAT(describe(busy[0]), HasSubstr("nginx -g daemon off;"));
  EXPECT_THAT(describe(busy[0]), HasSubstr("port 8080"));
  EXPECT_THAT(describe(busy[0]), HasSubstr("process 123"));
  EXPECT_THAT(describe(busy[1]), HasSubstr("1053/udp"));
}

TEST(Readiness, ShowsStageAndTheDaemonsOwnWords) {
  const auto readiness = parse_readiness(R"({"ready":false,"services":[
      {"service":"mail","state":"starting","stage":"check","message":"",
       "daemons":[{"name":"postfix","state":"backoff","last_words":"fatal: no such file"}],
       "probes":[{"name":"imap-greeting","ok":false,"message":"connection refused"}]},
      {"service":"bind","state":"ready"}]})");
  ASSERT_TRUE(readiness);
  ASSERT_EQ(readiness->services.size(), 2U);
  EXPECT_TRUE(readiness->services[1].ready);
  EXPECT_EQ(state_text(readiness->services[0]),
            "starting, stage check: postfix is backoff: fatal: no such file");
  EXPECT_EQ(readiness->services[0].details.size(), 2U);
  EXPECT_FALSE(parse_readiness("<html>"));
}

TEST(Progress, WithoutATerminalALineForEachChange) {
  std::FILE* out = std::tmpfile();
  Progress progress(out, false);
  ServiceLine line{"mail", false, "starting", "render", "", {}};
  progress.show({line}, std::chrono::milliseconds(10));
  progress.show({line}, std::chrono::milliseconds(20));
  line = {"mail", true, "ready", "", "", {}};
  progress.show({line}, std::chrono::milliseconds(1500));
  progress.show({line}, std::chrono::milliseconds(1600));
  std::rewind(out);
  std::string text(1000, '\0');
  text.resize(std::fread(text.data(), 1, text.size(), out));
  std::fclose(out);
  EXPECT_EQ(text, "  mail     starting, stage render\n  mail     ready (1.5 s)\n");
}

}  // namespace
}  // namespace podplay::cli
