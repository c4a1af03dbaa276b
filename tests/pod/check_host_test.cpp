// tools/check-host, which runs before anything is built, and `podplay doctor` agree about a host:
// each prints every fatal finding of the other.
#include <gmock/gmock.h>
#include <unistd.h>

#include <algorithm>
#include <functional>
#include <map>

#include "model/settings.hpp"
#include "pod/fake_host.hpp"
#include "pod/findings.hpp"
#include "pod/lifecycle.hpp"
#include "pod/podman_setup.hpp"
#include "pod/settings_file.hpp"

namespace podplay::pod {
namespace {

using testing::HasSubstr;

// Answers `podman --version`, the only thing that inspect_host runs.
class PodmanVersion final : public Runner {
 public:
  // Empty when podman is not installed.
  explicit PodmanVersion(std::string version, int exit_code = 0)
      : version_(std::move(version)), exit_code_(exit_code) {}
  Result<Outcome> run(const Command& command) override {
    EXPECT_EQ(command.argv, (std::vector<std::string>{"podman", "--version"}));
    if (version_.empty()) {
      return fail(ErrorKind::io, "spawn", "podman: no such file");
    }
    return Outcome{.exit_code = exit_code_, .out = "podman version " + version_ + "\n"};
  }

 private:
  std::string version_;
  int exit_code_;
};

// tools/check-host runs the program, so it is one that can be run.
void write_podman(const FakeRoot& host, const std::string& version) {
  host.write("usr/bin/podman", "#!/bin/sh\necho podman version " + version + "\n");
  std::filesystem::permissions(host.path() / "usr/bin/podman", std::filesystem::perms::owner_all);
}

// A folder like a Debian 12 host with everything for an ordinary user.
void make_whole(const FakeRoot& host) {
  for (const auto* program : {"runc", "newuidmap", "slirp4netns"}) {
    host.write(std::string("usr/bin/") + program);
  }
  host.write("usr/lib/podman/netavark");
  host.write("sys/fs/cgroup/cgroup.controllers");
  host.write("proc/sys/kernel/osrelease", "6.1.0-18-amd64\n");
  host.write("proc/1/comm", "systemd\n");
  host.write("dev/net/tun");
  const std::string range = std::to_string(::geteuid()) + ":100000:65536\n";
  host.write("etc/subuid", range);
  host.write("etc/subgid", range);
}

struct Case {
  std::string name;
  std::function<void(const FakeRoot&)> change;
  // 0 when this host can run the pod.
  std::size_t faults = 1;
  std::string podman = "4.3.1";
  std::map<std::string, std::string> settings{};
};

void make_host(const FakeRoot& host, const Case& one) {
  make_whole(host);
  write_podman(host, one.podman);
  one.change(host);
}

void put_pasta_for_slirp4netns(const FakeRoot& host) {
  host.remove("usr/bin/slirp4netns");
  host.write("usr/bin/pasta");
}

const std::map<std::string, std::string> kServer = {{"PODPLAY_PROFILE", "server"},
                                                    {"PODPLAY_PUBLIC_IPV4", "192.0.2.1"},
                                                    {"PODPLAY_MAIL_OUTBOUND", "none"}};

const std::string kStore = "home/anna/.local/share/containers/storage/";

const Case kCases[] = {
    {.name = "whole", .change = [](const FakeRoot&) {}, .faults = 0},
    {.name = "no podman", .change = [](const FakeRoot& host) { host.remove("usr/bin/podman"); }},
    {.name = "no runtime", .change = [](const FakeRoot& host) { host.remove("usr/bin/runc"); }},
    {.name = "only crun",
     .change =
         [](const FakeRoot& host) {
           host.remove("usr/bin/runc");
           host.write("usr/bin/crun");
         },
     .faults = 0},
    {.name = "hybrid cgroups with only crun",
     .change =
         [](const FakeRoot& host) {
           host.remove("usr/bin/runc");
           host.write("usr/bin/crun");
           host.remove("sys/fs/cgroup/cgroup.controllers");
           host.write("sys/fs/cgroup/unified/x");
         }},
    {.name = "hybrid cgroups with runc",
     .change =
         [](const FakeRoot& host) {
           host.remove("sys/fs/cgroup/cgroup.controllers");
           host.write("sys/fs/cgroup/unified/x");
         },
     .faults = 0},
    {.name = "no network stack",
     .change = [](const FakeRoot& host) { host.remove("usr/lib/podman/netavark"); }},
    {.name = "no subuid",
     .change = [](const FakeRoot& host) { host.write("etc/subuid", "x:1:1"); }},
    {.name = "no tun", .change = [](const FakeRoot& host) { host.remove("dev/net/tun"); }},
    {.name = "no newuidmap",
     .change = [](const FakeRoot& host) { host.remove("usr/bin/newuidmap"); }},
    {.name = "no slirp4netns",
     .change = [](const FakeRoot& host) { host.remove("usr/bin/slirp4netns"); }},
    {.name = "podman 4 with pasta", .change = put_pasta_for_slirp4netns},
    {.name = "podman 5 with pasta",
     .change = put_pasta_for_slirp4netns,
     .faults = 0,
     .podman = "5.4.2"},
    {.name = "podman 5 with slirp4netns", .change = [](const FakeRoot&) {}, .podman = "5.4.2"},
    {.name = "podman of an unknown version with pasta",
     .change = put_pasta_for_slirp4netns,
     .faults = 0,
     .podman = "dev"},
    // All ports but those of ManageSieve and the API.
    {.name = "ports of the server profile",
     .change = [](const FakeRoot&) {},
     .faults = 10,
     .settings = kServer},
    {.name = "ports of the server profile, which the host allows",
     .change =
         [](const FakeRoot& host) {
           host.write("proc/sys/net/ipv4/ip_unprivileged_port_start", "25\n");
         },
     .faults = 0,
     .settings = kServer},
    {.name = "ports of the server profile, some of which the host allows",
     .change =
         [](const FakeRoot& host) {
           host.write("proc/sys/net/ipv4/ip_unprivileged_port_start", "443\n");
         },
     .faults = 5,
     .settings = kServer},
    {.name = "one port of the environment",
     .change = [](const FakeRoot&) {},
     .settings = {{"PODPLAY_HOST_SMTP_PORT", "25"}}},
    {.name = "no port is allowed",
     .change =
         [](const FakeRoot& host) {
           host.write("proc/sys/net/ipv4/ip_unprivileged_port_start", "65536\n");
         },
     .faults = 12},
    {.name = "old kernel",
     .change =
         [](const FakeRoot& host) {
           host.write("proc/sys/kernel/osrelease", "5.10.0-28-amd64\n");
         }},
    {.name = "old kernel with fuse-overlayfs",
     .change =
         [](const FakeRoot& host) {
           host.write("proc/sys/kernel/osrelease", "5.10.0-28-amd64\n");
           host.write("dev/fuse");
           host.write("usr/bin/fuse-overlayfs");
         },
     .faults = 0},
    {.name = "a store with vfs",
     .change = [](const FakeRoot& host) { host.write(kStore + "vfs-images/images.json"); }},
    {.name = "a store with vfs and volumes",
     .change =
         [](const FakeRoot& host) {
           host.write(kStore + "vfs-images/images.json");
           host.write(kStore + "volumes/podplay-mail/_data/x");
         },
     .faults = 0},
    {.name = "a store with vfs that the user configured",
     .change =
         [](const FakeRoot& host) {
           host.write(kStore + "vfs-images/images.json");
           host.write("home/anna/.config/containers/storage.conf");
         },
     .faults = 0},
    {.name = "two at once",
     .change =
         [](const FakeRoot& host) {
           host.remove("usr/bin/podman");
           host.remove("dev/net/tun");
         },
     .faults = 2},
};

class CheckHost : public testing::Test {
 protected:
  HostFacts facts(const FakeRoot& host, const std::string& podman, int exit_code = 0) {
    const bool installed = std::filesystem::exists(host.path() / "usr/bin/podman");
    PodmanVersion runner(installed ? podman : "", exit_code);
    return inspect_host({.settings = settings_,
                         .files = files_,
                         .runner = runner,
                         .clock = clock_,
                         .program = "/usr/bin/podplay",
                         .host_root = host.path(),
                         .rootless = true,
                         .folders = {.data = "/home/anna/.local/share",
                                     .config = "/home/anna/.config",
                                     .storage_conf = {}}});
  }
  // Runs a script without the settings of the person who runs the tests.
  Outcome shell(const FakeRoot& host, std::map<std::string, std::string> settings,
                const std::vector<std::string>& argv) {
    settings.merge(std::map<std::string, std::string>{{"PODPLAY_SETTINGS_FILE", "/dev/null"},
                                                      {"PODPLAY_HOST_ROOT", host.path()},
                                                      {"PODPLAY_HOST_ROOTLESS", "true"},
                                                      {"HOME", "/home/anna"},
                                                      {"XDG_DATA_HOME", ""},
                                                      {"XDG_CONFIG_HOME", ""},
                                                      {"CONTAINERS_STORAGE_CONF", ""}});
    std::vector<std::string> words = {"/usr/bin/env"};
    for (const SettingRow& row : settings_.rows()) {
      if (!settings.contains(std::string(row.name))) {
        words.insert(words.end(), {"-u", std::string(row.name)});
      }
    }
    words.insert(words.end(), argv.begin(), argv.end());
    const auto outcome = processes_.run({.argv = words, .environment = settings});
    EXPECT_TRUE(outcome);
    return outcome ? *outcome : Outcome{};
  }
  // tools/check-host says the fatal findings of this host, all of them and nothing else.
  void expect_the_same(const FakeRoot& host, const Case& one) {
    const auto all = with_settings_file(one.settings, "/usr/bin/podplay", files_);
    ASSERT_TRUE(all) << describe(all.error());
    const auto settings = effective_settings(*all);
    ASSERT_TRUE(settings) << describe(settings.error());
    const Status stopped = stop_at(find_all_needs(facts(host, one.podman), *settings));
    EXPECT_EQ(stopped ? 0 : std::max<std::size_t>(stopped.error().faults.size(), 1), one.faults);
    const Outcome said = shell(host, one.settings, {"tools/check-host"});
    EXPECT_EQ(said.exit_code, one.faults == 0 ? 0 : 1) << said.words();
    std::size_t remedies = 0;
    for (auto at = said.err.find("-> "); at != std::string::npos;
         at = said.err.find("-> ", at + 1)) {
      ++remedies;
    }
    EXPECT_EQ(remedies, one.faults) << said.words();
    if (!stopped) {
      for (const Fault& fault : stopped.error().faults) {
        EXPECT_THAT(said.err, HasSubstr(fault.message));
        EXPECT_THAT(said.err, HasSubstr(fault.remedy));
      }
    }
  }

  Settings settings_ = *effective_settings({});
  RealFiles files_;
  SystemClock clock_;
  ProcessRunner processes_{silent_logger(), false};
};

TEST_F(CheckHost, SaysWhatDoctorSays) {
  for (const Case& one : kCases) {
    SCOPED_TRACE(one.name);
    const FakeRoot host;
    make_host(host, one);
    expect_the_same(host, one);
  }
}

TEST_F(CheckHost, ReadsTheSettingsFileAsUpDoes) {
  const FakeRoot host;
  Case one{.name = "settings file", .change = [](const FakeRoot&) {}, .faults = 8};
  make_host(host, one);
  host.write("podplay.env",
             "# ours\n\nPODPLAY_PROFILE=server\r\nPODPLAY_PUBLIC_IPV4=192.0.2.1\n"
             "PODPLAY_MAIL_OUTBOUND=none\nPODPLAY_HOST_SMTP_PORT=2525  \n"
             "PODPLAY_HOST_DNS_PORT=1053\nPODPLAY_HOST_DNS_PORT=53\n");
  one.settings = {{"PODPLAY_SETTINGS_FILE", host.path() / "podplay.env"}};
  expect_the_same(host, one);
  // A variable of the environment wins over the file, also an empty one.
  one.settings["PODPLAY_HOST_HTTP_PORT"] = "8080";
  one.settings["PODPLAY_HOST_SMTP_PORT"] = "";
  one.faults = 8;
  expect_the_same(host, one);
  one.settings["PODPLAY_PROFILE"] = "lab";
  one.faults = 0;
  expect_the_same(host, one);
}

TEST_F(CheckHost, APodmanThatFailsIsNotOneThatIsMissing) {
  const FakeRoot host;
  make_whole(host);
  write_podman(host, "4.3.1");
  EXPECT_TRUE(stop_at(find_needs(facts(host, "4.3.1", 125))));
  EXPECT_FALSE(stop_at(find_needs(facts(host, "4.3.1", 127))));
}

TEST_F(CheckHost, BothWriteTheSameStorageConf) {
  for (const Case& one : kCases) {
    SCOPED_TRACE(one.name);
    const FakeRoot host;
    make_host(host, one);
    const PodmanPlan plan = plan_podman(facts(host, one.podman));
    const std::string used =
        ". tools/podman-storage; use_podman_storage; "
        "echo \"$CONTAINERS_STORAGE_CONF\"";
    const Outcome outcome = shell(host, {}, {"/bin/bash", "-euc", used});
    EXPECT_EQ(outcome.exit_code, 0) << outcome.words();
    const std::string path = host.path().string() + "/home/anna/.local/share/podplay/storage.conf";
    EXPECT_EQ(files_.exists(path), !plan.storage_conf.empty());
    // The script names programs without the test's folder.
    std::string wanted = plan.storage_conf;
    if (const auto at = wanted.find(host.path().string()); at != wanted.npos) {
      wanted.erase(at, host.path().string().size());
    }
    EXPECT_EQ(files_.read(path).value_or(""), wanted);
    EXPECT_EQ(outcome.out, plan.storage_conf.empty()
                               ? "\n"
                               : plan.environment.at("CONTAINERS_STORAGE_CONF") + "\n");
  }
}

}  // namespace
}  // namespace podplay::pod
