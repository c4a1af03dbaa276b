// A helper process outlives this one: it waits until our end of a pipe is closed, which the kernel
// does however we end, and then removes the container.
#include "pod/debug.hpp"

#include <fcntl.h>
#include <fmt/format.h>
#include <fmt/ranges.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <csignal>
#include <thread>

#include "base/child.hpp"
#include "base/numbers.hpp"
#include "pod/podman.hpp"

namespace podplay::pod {
namespace {

using namespace std::chrono;

constexpr const char* kImage = "localhost/podplay-debug:latest";
// On the container: the process of podplay that it belongs to.
constexpr const char* kOwnerLabel = "podplay.debug.owner";
constexpr std::array<std::string_view, 4> kServices{"apache", "bind", "mail", "api"};
// A container that podman is still making when we are killed appears a little later.
constexpr std::array<seconds, 3> kRemovedAgainAfter{seconds{1}, seconds{3}, seconds{6}};
constexpr char kEnded = '.';

std::string container_of(const Settings& settings, std::string_view name) {
  return fmt::format("{}-{}", settings.text("PODPLAY_POD_NAME"), name);
}

void remove_container(const Podman& podman, const std::string& name) {
  static_cast<void>(podman.run({"rm", "--force", "--ignore", "--time", "0", name}));
}

// Only that of this owner: somebody may have opened another one of the same name meanwhile.
void remove_container_of(const Podman& podman, pid_t owner) {
  const auto found =
      podman.run({"ps", "--all", "--no-trunc", "--filter",
                  fmt::format("label={}={}", kOwnerLabel, owner), "--format", "{{.ID}}"});
  const std::string id = found ? found->out.substr(0, found->out.find('\n')) : std::string();
  if (!id.empty()) {
    remove_container(podman, id);
  }
}

// The helper's whole life. `end`: where it sees that podplay has ended.
[[noreturn]] void watch_over(const Podman& podman, pid_t owner, int end) {
  // Ctrl-C and the end of the terminal are for podplay.
  ::setsid();
  for (const int signal : {SIGINT, SIGTERM, SIGHUP, SIGPIPE}) {
    ::signal(signal, SIG_IGN);
  }
  const int nothing = ::open("/dev/null", O_RDWR | O_CLOEXEC);
  for (const int fd : {0, 1, 2}) {
    ::dup2(nothing, fd);
  }
  char word = 0;
  while (::read(end, &word, 1) < 0 && errno == EINTR) {
  }
  remove_container_of(podman, owner);
  if (word != kEnded) {
    for (const seconds pause : kRemovedAgainAfter) {
      std::this_thread::sleep_for(pause);
      remove_container_of(podman, owner);
    }
  }
  ::_exit(0);
}

class Watcher {
 public:
  static Result<Watcher> start(const Podman& podman) {
    std::array<int, 2> ends{};
    if (::pipe2(ends.data(), O_CLOEXEC) != 0) {
      return fail(ErrorKind::io, "debug_watch", "cannot make a pipe");
    }
    std::fflush(nullptr);
    const pid_t owner = ::getpid();
    const pid_t pid = ::fork();
    if (pid == 0) {
      ::close(ends[1]);
      watch_over(podman, owner, ends[0]);
    }
    ::close(ends[0]);
    if (pid < 0) {
      ::close(ends[1]);
      return fail(ErrorKind::io, "debug_watch",
                  "cannot start a process that removes the container");
    }
    return Watcher(pid, ends[1]);
  }
  // Returns when the container is gone.
  void finish() {
    static_cast<void>(::write(end_, &kEnded, 1));
    ::close(end_);
    int status = 0;
    while (::waitpid(pid_, &status, 0) < 0 && errno == EINTR) {
    }
  }

 private:
  Watcher(pid_t pid, int end) : pid_(pid), end_(end) {}
  pid_t pid_;
  int end_;
};

Status check_pod(const Lifecycle& lifecycle, const Podman& podman, const DebugOptions& options) {
  const std::string& pod = lifecycle.settings.text("PODPLAY_POD_NAME");
  const std::string service = options.service.empty() ? "api" : options.service;
  TRY(const auto states, podman.states(pod, {service}));
  if (states.empty() || states.front().status != "running") {
    return fail(ErrorKind::unavailable, "pod_down",
                fmt::format("the container {}-{} does not run", pod, service),
                "run " + our_command(lifecycle, "up") + " first");
  }
  TRY(const auto image, podman.run({"image", "exists", kImage}));
  if (image.exit_code != 0) {
    return fail(ErrorKind::not_found, "image_missing", fmt::format("there is no image {}", kImage),
                "build it with: make images");
  }
  return {};
}

// Removes what is left of a podplay that was killed together with its helper.
Status make_room(const Podman& podman, const std::string& name) {
  TRY(const auto owner,
      podman.run({"container", "inspect", "--format",
                  fmt::format("{{{{index .Config.Labels \"{}\"}}}}", kOwnerLabel), name}));
  if (owner.exit_code != 0) {
    return {};
  }
  const std::string text = owner.out.substr(0, owner.out.find('\n'));
  const auto pid = parse_number<pid_t>(text);
  if (pid && ::kill(*pid, 0) == 0) {
    return fail(ErrorKind::conflict, "debug_open",
                fmt::format("a debug container is open already, by process {}", *pid),
                fmt::format("end that one, or remove it: podplay podman rm --force {}", name));
  }
  remove_container(podman, name);
  return {};
}

// Runs podman on our terminal; the exit code as a shell gives it. On a terminal, Ctrl-C goes to the
// command. Otherwise it ends us, and the helper does the rest.
Result<int> run_on_terminal(const Podman& podman, const std::vector<std::string>& arguments) {
  TRY(const auto pid,
      start_child(
          {.argv = podman.argv(arguments), .environment = podman.plan().environment, .input = 0}));
  int status = 0;
  while (::waitpid(pid, &status, 0) < 0 && errno == EINTR) {
  }
  return WIFSIGNALED(status) ? 128 + WTERMSIG(status) : WEXITSTATUS(status);
}

}  // namespace

std::vector<std::string> debug_arguments(const Settings& settings, const DebugOptions& options,
                                         bool input, bool terminal, int owner) {
  std::vector<std::string> arguments{
      "run", "--rm", "--pull", "never", "--name", container_of(settings, "debug"), "--pod",
      settings.text("PODPLAY_POD_NAME"), "--label", fmt::format("{}={}", kOwnerLabel, owner),
      // tcpdump and nmap need raw sockets, gdb and strace other processes.
      "--cap-add", "SYS_PTRACE,NET_ADMIN,NET_RAW", "--memory", "1g", "--volume",
      settings.text("PODPLAY_LOGS_VOLUME") + ":/data/logs:ro"};
  if (!options.service.empty()) {
    arguments.insert(arguments.end(),
                     {"--pid", "container:" + container_of(settings, options.service)});
  }
  if (input) {
    arguments.emplace_back("--interactive");
  }
  if (terminal) {
    arguments.emplace_back("--tty");
  }
  arguments.emplace_back(kImage);
  if (options.command.empty()) {
    arguments.emplace_back("bash");
  }
  arguments.insert(arguments.end(), options.command.begin(), options.command.end());
  return arguments;
}

Result<int> run_debug(const Lifecycle& lifecycle, const DebugOptions& options) {
  if (!options.service.empty() &&
      std::ranges::find(kServices, options.service) == kServices.end()) {
    return fail(
        ErrorKind::invalid, "unknown_service",
        fmt::format("there is no service '{}'", options.service),
        fmt::format("use one of: {}; write a command behind --", fmt::join(kServices, ", ")));
  }
  TRY(const auto podman, Podman::open(lifecycle));
  TRY(check_pod(lifecycle, podman, options));
  const std::string name = container_of(lifecycle.settings, "debug");
  TRY(make_room(podman, name));
  TRY(auto watcher, Watcher::start(podman));
  const bool terminal = ::isatty(0) != 0 && ::isatty(1) != 0;
  const auto code = run_on_terminal(
      podman, debug_arguments(lifecycle.settings, options, true, terminal, ::getpid()));
  watcher.finish();
  return code;
}

}  // namespace podplay::pod
