// The OCI runtime wrapper for hosts where limits cannot be set, and the reaper for hosts whose
// process 1 does not reap. podman_setup.cpp decides which of them a host needs. A bundle is changed
// by a rename, so that the runtime never reads half of it.
#include "pod/oci_runtime.hpp"

#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <csignal>
#include <cstdint>
#include <cstdio>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <nlohmann/json.hpp>
#include <span>

#include "base/child.hpp"

namespace podplay::pod {
namespace {

namespace fs = std::filesystem;
using Json = nlohmann::json;

// True when this process runs for an ordinary user in podman's namespace and cgroups are version 1.
// Those are never delegated, so no limit can be set.
bool may_not_set_limits() {
  std::ifstream map("/proc/self/uid_map");
  std::uint64_t inside = 0;
  std::uint64_t outside = 0;
  std::error_code error;
  return map >> inside >> outside && outside != 0 &&
         !fs::exists("/sys/fs/cgroup/cgroup.controllers", error);
}

// podman asks for more open files and processes than this host may grant. Without the entry, a
// container has the limits that podman itself has.
bool strip_limits(const fs::path& path, bool is_process) {
  std::ifstream in(path);
  Json document = Json::parse(in, nullptr, false);
  if (!document.is_object()) {
    return false;
  }
  std::size_t erased = 0;
  if (is_process) {
    erased += document.erase("rlimits");
  } else if (document.contains("process")) {
    erased += document["process"].erase("rlimits");
  }
  if (!is_process && document.contains("linux") && may_not_set_limits()) {
    erased += document["linux"].erase("resources");
  }
  if (erased == 0) {
    return true;
  }
  const fs::path beside = path.string() + ".podplay";
  {
    std::ofstream out(beside, std::ios::trunc);
    out << document.dump();
    if (!out.flush()) {
      return false;
    }
  }
  std::error_code error;
  fs::permissions(beside, fs::status(path, error).permissions(), error);
  fs::rename(beside, path, error);
  return !error;
}

// The value of "--bundle X", "--bundle=X" or "-b X"; empty when it is not given.
std::string option(std::span<char*> arguments, std::string_view longer, std::string_view shorter) {
  for (std::size_t i = 1; i < arguments.size(); ++i) {
    const std::string_view argument = arguments[i];
    if ((argument == longer || argument == shorter) && i + 1 < arguments.size()) {
      return arguments[i + 1];
    }
    if (argument.starts_with(longer) && argument.substr(longer.size(), 1) == "=") {
      return std::string(argument.substr(longer.size() + 1));
    }
  }
  return {};
}

// Written before the handler is installed, read by it.
volatile std::sig_atomic_t reaped_child = 0;

extern "C" void forward_signal(int signal) {
  if (reaped_child > 0) {
    ::kill(static_cast<pid_t>(reaped_child), signal);
  }
}

// Runs a command as the nearest reaper of everything it leaves behind, so that no finished conmon
// stays a zombie.
int run_reaping(std::span<char*> command) {
  ::prctl(PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0);
  const auto child = start_child(
      {.argv = {command.begin(), command.end()}, .input = STDIN_FILENO, .keep_ignored = true});
  if (!child) {
    std::fprintf(stderr, "%s\n", child.error().message.c_str());
    return child.error().kind == ErrorKind::not_found ? 127 : 126;
  }
  reaped_child = *child;
  for (const int signal : {SIGTERM, SIGINT, SIGHUP}) {
    if (std::signal(signal, forward_signal) == SIG_IGN) {
      std::signal(signal, SIG_IGN);
    }
  }
  while (true) {
    int status = 0;
    const pid_t ended = ::waitpid(-1, &status, 0);
    if (ended < 0 && errno != EINTR) {
      return 126;
    }
    if (ended == *child) {
      return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
    }
  }
}

}  // namespace

int oci_runtime_main(int argc, char** argv) {
  const std::span arguments(argv, static_cast<std::size_t>(argc));
  if (argc > 2 && std::string_view(argv[1]) == kReapOption) {
    return run_reaping(arguments.subspan(2));
  }
  const std::string bundle = option(arguments, "--bundle", "-b");
  const std::string process = option(arguments, "--process", "-p");
  if (!bundle.empty()) {
    strip_limits(fs::path(bundle) / "config.json", false);
  }
  if (!process.empty()) {
    strip_limits(process, true);
  }
  std::error_code error;
  const fs::path self = fs::read_symlink("/proc/self/exe", error);
  const std::string real = fs::read_symlink(self.parent_path() / kRealRuntimeLink, error);
  if (error) {
    std::fprintf(stderr, "%s: no link %s beside %s: run `podplay up` or `podplay doctor` once\n",
                 kRuntimeName, kRealRuntimeLink, self.c_str());
    return 127;
  }
  argv[0] = const_cast<char*>(real.c_str());
  ::execv(real.c_str(), argv);
  std::fprintf(stderr, "%s: %s: %s\n", kRuntimeName, real.c_str(), std::strerror(errno));
  return 127;
}

}  // namespace podplay::pod
