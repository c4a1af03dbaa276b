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

namespace podplay::pod {
namespace {

using testing::HasSubstr;

// Answers `podman --version`, the only thing that inspect_host runs.
class PodmanVersion final : public Runner {
 public:
  explicit PodmanVersion(bool installed, int exit_code = 0)
      : installed_(installed), exit_code_(exit_code) {}
  Result<Outcome> run(const Command& command) override {
    EXPECT_EQ(command.argv, (std::vector<std::string>{"podman", "--version"}));
    if (!installed_) {
      return fail(ErrorKind::io, "spawn", "podman: no such file");
    }
    return Outcome{.exit_code = exit_code_, .out = "podman version 4.3.1\n"};
  }

 private:
  bool installed_;
  int exit_code_;
};

// A folder like a Debian 12 host with everything for an ordinary user.
void make_whole(const FakeRoot& host) {
  for (const auto* program : {"podman", "runc", "newuidmap", "slirp4netns"}) {
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
};

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
  std::map<std::string, std::string> environment(const FakeRoot& host) {
    return {{"PODPLAY_HOST_ROOT", host.path()},
            {"PODPLAY_HOST_ROOTLESS", "true"},
            {"HOME", "/home/anna"},
            {"XDG_DATA_HOME", ""},
            {"XDG_CONFIG_HOME", ""},
            {"CONTAINERS_STORAGE_CONF", ""}};
  }
  HostFacts facts(const FakeRoot& host, int exit_code = 0) {
    const bool installed = std::filesystem::exists(host.path() / "usr/bin/podman");
    PodmanVersion runner(installed, exit_code);
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
  Outcome shell(const FakeRoot& host, const std::vector<std::string>& argv) {
    const auto outcome = processes_.run({.argv = argv, .environment = environment(host)});
    EXPECT_TRUE(outcome);
    return outcome ? *outcome : Outcome{};
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
    make_whole(host);
    one.change(host);
    const Status stopped = stop_at(find_needs(facts(host)));
    EXPECT_EQ(stopped ? 0 : std::max<std::size_t>(stopped.error().faults.size(), 1), one.faults);
    const Outcome said = shell(host, {"tools/check-host"});
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
}

TEST_F(CheckHost, APodmanThatFailsIsNotOneThatIsMissing) {
  const FakeRoot host;
  make_whole(host);
  EXPECT_TRUE(stop_at(find_needs(facts(host, 125))));
  EXPECT_FALSE(stop_at(find_needs(facts(host, 127))));
}

TEST_F(CheckHost, BothWriteTheSameStorageConf) {
  for (const Case& one : kCases) {
    SCOPED_TRACE(one.name);
    const FakeRoot host;
    make_whole(host);
    one.change(host);
    const PodmanPlan plan = plan_podman(facts(host));
    const std::string used =
        ". tools/podman-storage; use_podman_storage; "
        "echo \"$CONTAINERS_STORAGE_CONF\"";
    const Outcome outcome = shell(host, {"/bin/bash", "-euc", used});
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
