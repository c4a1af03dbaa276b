// `podplay up`, `down`, `wait`, `doctor`, and what needs direct access to the pod.
#include "pod/lifecycle.hpp"

#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <set>
#include <sstream>
#include <utility>

#include "net/http.hpp"
#include "pod/manifest.hpp"
#include "pod/podman.hpp"
#include "pod/ports.hpp"
#include "pod/readiness.hpp"
#include "pod/settings_file.hpp"

namespace podplay::pod {
namespace {

namespace fs = std::filesystem;
using namespace std::chrono;

constexpr milliseconds kPollPause{100};
constexpr milliseconds kContainerCheckPause{1500};
constexpr int kTooManyRestarts = 4;
constexpr int kStopSeconds = 30;

template <class... Arguments>
void say(const Lifecycle& lifecycle, fmt::format_string<Arguments...> format,
         Arguments&&... arguments) {
  fmt::print(lifecycle.out, format, std::forward<Arguments>(arguments)...);
  std::fputc('\n', lifecycle.out);
  std::fflush(lifecycle.out);
}

milliseconds since(const Lifecycle& lifecycle, SteadyTime begun) {
  return duration_cast<milliseconds>(lifecycle.clock.steady() - begun);
}

// --- the manifest
// ----------------------------------------------------------------------------------------------------

Result<std::string> find_manifest(const Lifecycle& lifecycle) {
  if (!lifecycle.manifest.empty()) {
    return lifecycle.manifest;
  }
  if (const auto folder = source_folder(lifecycle.program)) {
    return *folder + "/deploy/pod.yaml";
  }
  if (fs::exists("/usr/share/podplay/pod.yaml")) {
    return std::string("/usr/share/podplay/pod.yaml");
  }
  return fail(ErrorKind::not_found, "manifest",
              "deploy/pod.yaml was not found beside " + lifecycle.program,
              "run podplay from its source tree");
}

Result<Manifest> load_manifest(const Lifecycle& lifecycle, bool debug) {
  TRY(const auto path, find_manifest(lifecycle));
  std::ifstream file(path);
  std::ostringstream text;
  text << file.rdbuf();
  if (!file) {
    return fail(ErrorKind::io, "manifest",
                fmt::format("could not read {}: {}", path, std::strerror(errno)));
  }
  return fill_manifest(text.str(), lifecycle.settings, debug);
}

Status seal_with_images(const Podman& podman, Manifest& manifest) {
  std::map<std::string, std::string> ids;
  std::vector<std::string> missing;
  for (const std::string& image : manifest.images) {
    TRY(const auto outcome, podman.run({"image", "inspect", "--format", "{{.Id}}", image}));
    const bool unknown = outcome.err.find("image not known") != std::string::npos ||
                         outcome.err.find("no such image") != std::string::npos ||
                         outcome.err.find("No such image") != std::string::npos;
    if (outcome.exit_code != 0 && !unknown) {
      return fail(ErrorKind::io, "podman",
                  fmt::format("podman could not look at the image {}: {}", image, outcome.words()),
                  "run `podplay doctor`");
    }
    if (outcome.exit_code != 0) {
      missing.push_back(image);
    }
    // without what podman says on stderr: warnings have the time in them
    ids[image] = outcome.out;
  }
  if (!missing.empty()) {
    return fail(ErrorKind::not_found, "image_missing",
                fmt::format("missing images: {}", fmt::join(missing, ", ")), "run `make images`");
  }
  seal_manifest(manifest, ids);
  return {};
}

// --- ports
// -----------------------------------------------------------------------------------------------------------

// `held`: by our own pod, which is about to be replaced.
Status check_ports(const Lifecycle& lifecycle, const Manifest& manifest,
                   const std::set<std::pair<int, bool>>& held = {}) {
  std::vector<Fault> faults;
  for (std::size_t i = 0; i < manifest.ports.size(); ++i) {
    const PublishedPort& port = manifest.ports[i];
    for (std::size_t j = 0; j < i; ++j) {
      const PublishedPort& other = manifest.ports[j];
      if (other.port != port.port || other.udp != port.udp) {
        continue;
      }
      faults.push_back(
          {port.setting, "port_twice",
           fmt::format("port {} is set for both {} and {}", port.port, other.name, port.name),
           "give each its own"});
    }
  }
  for (const BusyPort& busy : busy_ports(lifecycle.host_root, manifest.ports)) {
    if (held.contains({busy.wanted.port, busy.wanted.udp})) {
      continue;
    }
    faults.push_back(
        {busy.wanted.setting, "port_in_use", describe(busy),
         fmt::format("end that process, or set {} to a free port", busy.wanted.setting)});
  }
  if (faults.empty()) {
    return {};
  }
  auto failure = fail_faults(std::move(faults), "nothing was started, because ports are in use");
  failure.error().kind = ErrorKind::conflict;
  return failure;
}

// --- stopping
// --------------------------------------------------------------------------------------------------------

// podman believes a container runs until its conmon says otherwise; when conmon was killed, too, it
// waits for that for ever. A process that was killed and not yet reaped (state Z of
// proc_pid_stat(5)) is gone as well.
bool is_gone(const Lifecycle& lifecycle, const ContainerState& state) {
  if (state.pid <= 0) {
    return false;
  }
  std::ifstream file(fs::path(lifecycle.host_root) / "proc" / std::to_string(state.pid) / "stat");
  std::string text;
  if (!std::getline(file, text)) {
    return true;
  }
  const auto name_end = text.rfind(')');
  return name_end != std::string::npos && name_end + 2 < text.size() && text[name_end + 2] == 'Z';
}

// Services first, the control plane last, so that their last reports arrive.
Status stop_containers(const Lifecycle& lifecycle, const Podman& podman, const Manifest& manifest) {
  std::vector<std::string> services{"stop", "--time", std::to_string(kStopSeconds)};
  std::vector<std::string> last = services;
  TRY(const auto states, podman.states(manifest.pod, {"apache", "mail", "bind", "debug", "api"}));
  for (const ContainerState& state : states) {
    if (is_gone(lifecycle, state)) {
      say(lifecycle,
          "  {}: its process {} is gone without podman's knowing (killed, or the machine stopped "
          "hard)",
          state.name, state.pid);
      continue;
    }
    (state.name == manifest.pod + "-api" ? last : services).push_back(state.name);
  }
  for (const auto& command : {services, last}) {
    if (command.size() == 3) {
      continue;
    }
    TRY(const auto outcome, podman.run(command, seconds(kStopSeconds + 30)));
    if (outcome.err.find("SIGKILL") != std::string::npos) {
      say(lifecycle, "  a container did not stop within {} s: {}", kStopSeconds, outcome.err);
    }
  }
  return {};
}

Status remove_pod(const Lifecycle& lifecycle, const Podman& podman, const Manifest& manifest) {
  TRY(stop_containers(lifecycle, podman, manifest));
  // The first attempt at a pod whose processes were killed only makes podman notice; the second one
  // removes it.
  auto removed = podman.ask({"pod", "rm", "--force", "--time", "5", manifest.pod}, seconds(30));
  if (!removed) {
    removed = podman.ask({"pod", "rm", "--force", "--time", "5", manifest.pod}, seconds(60));
  }
  if (!removed) {
    return std::unexpected(removed.error());
  }
  // What podman keeps of emptyDir volumes; never one that is also a named volume's claim.
  std::vector<std::string> removal{"volume", "rm"};
  for (const std::string& name : manifest.scratch) {
    if (std::ranges::find(manifest.claims, name) == manifest.claims.end()) {
      removal.push_back(name);
    }
  }
  static_cast<void>(podman.run(removal));
  return {};
}

// --- starting
// --------------------------------------------------------------------------------------------------------

// The manifest holds settings, among them passwords: in a pipe, not in a file.
Status play(const Lifecycle& lifecycle, const Podman& podman, const Manifest& manifest) {
  const auto outcome = lifecycle.runner.run(
      {podman.argv({"kube", "play", "-"}), manifest.yaml, podman.plan().environment, seconds(120)});
  if (outcome && outcome->exit_code == 0) {
    return {};
  }
  std::string words = outcome ? outcome->words() : describe(outcome.error());
  for (const std::string& name : manifest.init) {
    const auto states = podman.states(manifest.pod, {name});
    if (!states || states->empty() ||
        (states->front().exit_code == 0 && states->front().restarts == 0)) {
      continue;
    }
    const std::string last = podman.last_words(manifest.pod + "-" + name, 3);
    // or podman would try it again for ever
    static_cast<void>(remove_pod(lifecycle, podman, manifest));
    return fail(
        ErrorKind::refused, "init_failed",
        fmt::format("the container {}-{}, which prepares the volumes, failed; its last words:\n{}",
                    manifest.pod, name, last),
        "mend what it names, then `podplay up` again");
  }
  return fail(ErrorKind::io, "kube_play", "podman could not start the pod: " + words,
              "run `podplay doctor`");
}

// --- waiting
// ---------------------------------------------------------------------------------------------------------

// A container that ended and will not come back by itself, with its last words; nothing when all
// are well.
Status check_containers(const Podman& podman, const Manifest& manifest) {
  const auto states = podman.states(manifest.pod, manifest.containers);
  // podman is busy: the deadline decides
  if (!states) {
    return {};
  }
  for (const ContainerState& state : *states) {
    if (state.status == "running" && state.restarts < kTooManyRestarts) {
      continue;
    }
    if (state.status == "created" || state.status == "configured") {
      continue;
    }
    // podman starts it again
    if (state.status != "running" && state.restarts < kTooManyRestarts && state.exit_code != 0) {
      continue;
    }
    return fail(
        ErrorKind::refused, "container_ended",
        fmt::format("the container {} ended with exit code {} ({} restarts); its last words:\n{}",
                    state.name, state.exit_code, state.restarts, podman.last_words(state.name)),
        "mend what it names, then `podplay up` again");
  }
  return {};
}

std::vector<ServiceLine> all_starting(const Manifest& manifest, const std::string& api_message) {
  std::vector<ServiceLine> lines;
  for (const std::string& name : manifest.containers) {
    if (name == "debug") {
      continue;
    }
    lines.push_back({name,
                     false,
                     "starting",
                     {},
                     name == "api" ? api_message : std::string("waits for the control plane"),
                     {}});
  }
  return lines;
}

// The services in the manifest's order, the control plane (which answered) first.
std::vector<ServiceLine> in_order(const Manifest& manifest, const Readiness& readiness) {
  std::vector<ServiceLine> lines;
  for (const std::string& name : manifest.containers) {
    const auto found = std::ranges::find(readiness.services, name, &ServiceLine::service);
    if (found != readiness.services.end()) {
      lines.push_back(*found);
    } else if (name == "api") {
      lines.push_back({name, true, "ready", {}, {}, {}});
    } else if (name != "debug") {
      lines.push_back({name, false, "starting", {}, "has not reported yet", {}});
    }
  }
  return lines;
}

std::unexpected<Error> not_ready(const Podman& podman, const Manifest& manifest,
                                 const std::vector<ServiceLine>& lines, seconds deadline) {
  std::string message =
      fmt::format("the pod was not ready within {} s (PODPLAY_READY_DEADLINE):", deadline.count());
  for (const ServiceLine& line : lines) {
    if (line.ready) {
      continue;
    }
    message += fmt::format("\n{}: {}{}{}{}", line.service, line.state,
                           line.stage.empty() ? "" : ", stage " + line.stage,
                           line.message.empty() ? "" : ": ", line.message);
    for (const std::string& detail : line.details) {
      message += "\n    " + detail;
    }
    const std::string words = podman.last_words(manifest.pod + "-" + line.service, 8);
    if (!words.empty()) {
      message += "\n  the last lines of " + manifest.pod + "-" + line.service + ":\n" + words;
    }
  }
  return fail(ErrorKind::refused, "not_ready", message,
              "`podplay podman logs POD-SERVICE` shows all lines; the pod is left as it is");
}

Status wait_ready(const Lifecycle& lifecycle, const Podman& podman, const Manifest& manifest,
                  SteadyTime begun) {
  const seconds deadline{lifecycle.settings.integer("PODPLAY_READY_DEADLINE")};
  const std::string base = "http://127.0.0.1:" + lifecycle.settings.text("PODPLAY_HOST_API_PORT");
  Progress progress(lifecycle.out, lifecycle.terminal);
  auto lines = all_starting(manifest, "waiting for " + base);
  SteadyTime next_check = lifecycle.clock.steady() + kContainerCheckPause;
  while (since(lifecycle, begun) < deadline) {
    TRY(auto client,
        net::HttpClient::make({base, {}, false, {}, milliseconds(500), milliseconds(3000)}));
    if (const auto answer = client->send({"GET", "/readyz"}); answer) {
      const auto readiness = parse_readiness(answer->body);
      if (readiness) {
        lines = in_order(manifest, *readiness);
      }
      if (readiness && readiness->ready && answer->status == 200) {
        progress.show(lines, since(lifecycle, begun));
        return {};
      }
    }
    progress.show(lines, since(lifecycle, begun));
    if (lifecycle.clock.steady() >= next_check) {
      TRY(check_containers(podman, manifest));
      next_check = lifecycle.clock.steady() + kContainerCheckPause;
    }
    lifecycle.clock.sleep(kPollPause);
  }
  return not_ready(podman, manifest, lines, deadline);
}

bool all_running(const Lifecycle& lifecycle, const Podman& podman, const Manifest& manifest) {
  const auto states = podman.states(manifest.pod, manifest.containers);
  return states && states->size() == manifest.containers.size() &&
         std::ranges::all_of(*states, [&](const ContainerState& state) {
           return state.status == "running" && !is_gone(lifecycle, state);
         });
}

}  // namespace

Status run_up(const Lifecycle& lifecycle, const UpOptions& options) {
  const SteadyTime begun = lifecycle.clock.steady();
  TRY(auto manifest, load_manifest(lifecycle, options.debug));
  TRY(stop_at(find_port_needs(inspect_host(lifecycle), lifecycle.settings)));
  TRY(const auto podman, Podman::open(lifecycle));
  TRY(seal_with_images(podman, manifest));
  TRY(const auto inputs, podman.pod_label(manifest.pod, "podplay.inputs"));
  if (inputs && *inputs == manifest.inputs && !options.replace &&
      all_running(lifecycle, podman, manifest)) {
    say(lifecycle, "The pod {} runs already with these settings and images: nothing to change.",
        manifest.pod);
    return wait_ready(lifecycle, podman, manifest, begun);
  }
  // Before the old pod goes: a port that somebody else has must not cost the service that runs.
  std::set<std::pair<int, bool>> held;
  if (inputs) {
    TRY(auto published, podman.published_ports(manifest.pod));
    held = std::move(published);
  }
  TRY(check_ports(lifecycle, manifest, held));
  if (options.dry_run) {
    say(lifecycle, "The pod {} would be {}; nothing was changed.", manifest.pod,
        inputs ? "replaced, because its settings or images differ or it is not whole" : "started");
    return {};
  }
  if (inputs) {
    say(lifecycle, "Replacing the pod {} (volumes stay) ...", manifest.pod);
    TRY(remove_pod(lifecycle, podman, manifest));
  }
  say(lifecycle, "Starting the pod {} ...", manifest.pod);
  TRY(play(lifecycle, podman, manifest));
  TRY(wait_ready(lifecycle, podman, manifest, lifecycle.clock.steady()));
  say(lifecycle, "Ready: every probe passed, {:.1f} s after the start.",
      static_cast<double>(since(lifecycle, begun).count()) / 1000);
  return {};
}

Status run_down(const Lifecycle& lifecycle, bool dry_run) {
  const SteadyTime begun = lifecycle.clock.steady();
  TRY(const auto manifest, load_manifest(lifecycle, true));
  TRY(const auto podman, Podman::open(lifecycle));
  TRY(const auto inputs, podman.pod_label(manifest.pod, "podplay.inputs"));
  if (!inputs) {
    say(lifecycle, "There is no pod {}{}: nothing to stop.", manifest.pod,
        ::geteuid() == 0 ? "" : " of yours (root has pods of its own: sudo)");
    return {};
  }
  if (dry_run) {
    say(lifecycle,
        "The pod {} would be stopped and removed, its volumes would stay: {}. Nothing was changed.",
        manifest.pod, fmt::join(manifest.claims, ", "));
    return {};
  }
  TRY(remove_pod(lifecycle, podman, manifest));
  say(lifecycle, "The pod {} is down after {:.1f} s; its volumes stay: {}.", manifest.pod,
      static_cast<double>(since(lifecycle, begun).count()) / 1000,
      fmt::join(manifest.claims, ", "));
  return {};
}

Status run_wait(const Lifecycle& lifecycle) {
  TRY(const auto manifest, load_manifest(lifecycle, false));
  TRY(const auto podman, Podman::open(lifecycle));
  return wait_ready(lifecycle, podman, manifest, lifecycle.clock.steady());
}

Status run_doctor(const Lifecycle& lifecycle) {
  const HostFacts facts = inspect_host(lifecycle);
  std::vector<Finding> findings = find_needs(facts);
  std::ranges::move(find_port_needs(facts, lifecycle.settings), std::back_inserter(findings));
  for (const Finding& finding : findings) {
    say(lifecycle, "{} {}{}{}",
        finding.fatal            ? "[stop]"
        : finding.action.empty() ? "[ok]  "
                                 : "[note]",
        finding.fact, finding.action.empty() ? "." : ".\n       -> ", finding.action);
  }
  TRY(const auto manifest, load_manifest(lifecycle, false));
  TRY(stop_at(findings));
  TRY(const auto podman, Podman::open(lifecycle));
  TRY(const auto inputs, podman.pod_label(manifest.pod, "podplay.inputs"));
  if (inputs) {
    say(lifecycle, "[ok]   the pod {} exists; it holds its ports itself.", manifest.pod);
    return {};
  }
  TRY(check_ports(lifecycle, manifest));
  say(lifecycle, "[ok]   all {} ports of the pod are free.", manifest.ports.size());
  return {};
}

Result<Secret> read_bootstrap_secret(const Lifecycle& lifecycle) {
  TRY(const auto podman, Podman::open(lifecycle));
  const std::string container = lifecycle.settings.text("PODPLAY_POD_NAME") + "-api";
  TRY(const auto outcome, podman.run({"exec", container, "cat", "/data/state/bootstrap.secret"}));
  if (outcome.exit_code == 0) {
    std::string secret = outcome.out;
    while (!secret.empty() && secret.back() == '\n') {
      secret.pop_back();
    }
    return Secret(std::move(secret));
  }
  if (outcome.words().find("No such file") != std::string::npos) {
    return fail(ErrorKind::not_found, "bootstrap_done",
                "the first administrator exists already: the one-time secret was used",
                "log in with `podplay login`, or let an administrator make you one");
  }
  return fail(
      ErrorKind::unavailable, "pod_down",
      fmt::format("could not read the one-time secret in {}: {}", container, outcome.words()),
      "run `podplay up` first");
}

int run_podman(const Lifecycle& lifecycle, const std::vector<std::string>& arguments) {
  const auto podman = Podman::open(lifecycle);
  if (!podman) {
    fmt::print(stderr, "{}\n", podplay::describe(podman.error()));
    return 8;
  }
  for (const auto& [name, value] : podman->plan().environment) {
    ::setenv(name.c_str(), value.c_str(), 1);
  }
  std::vector<std::string> words = podman->argv(arguments);
  std::vector<char*> pointers;
  for (std::string& word : words) {
    pointers.push_back(word.data());
  }
  pointers.push_back(nullptr);
  std::fflush(nullptr);
  ::execvp(pointers.front(), pointers.data());
  fmt::print(stderr, "{}: {}\n", words.front(), std::strerror(errno));
  return 127;
}

}  // namespace podplay::pod
