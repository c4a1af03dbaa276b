// A daemon that does not start, or hangs. The causes are told apart by what the agent sees (files,
// ports, processes, users), and only then by the daemon's own last lines.
#include <fmt/format.h>

#include <algorithm>

#include "control/watch/diagnosis/cause.hpp"
#include "control/watch/diagnosis/failing.hpp"

namespace podplay::control {
namespace {

constexpr std::string_view kDaemonSymptoms[] = {"*"};
// Of a daemon that ended and nothing explains why.
constexpr std::size_t kLastLines = 8;

bool is_failing(const std::vector<FailingDaemon>& failing, std::string_view daemon) {
  return std::ranges::find(failing, daemon, &FailingDaemon::name) != failing.end();
}

void add_once(std::vector<std::string>& list, const std::string& value) {
  if (!value.empty() && std::ranges::find(list, value) == list.end()) {
    list.push_back(value);
  }
}

// The failing daemons whose last lines hold one of the phrases.
std::optional<Shown> shown_by_words(const Evidence& evidence, const AgentEvidence& agent,
                                    std::initializer_list<std::string_view> phrases) {
  std::vector<std::string> names;
  Shown shown;
  for (const FailingDaemon& daemon : failing_daemons(evidence, agent)) {
    const auto lines = lines_with(daemon.words, phrases);
    if (!lines.empty()) {
      names.push_back(daemon.name);
      shown.shown.insert(shown.shown.end(), lines.begin(), lines.end());
      shown.shown.push_back(fmt::format("{} ended: {}", daemon.name, daemon.how));
    }
  }
  if (names.empty()) {
    return std::nullopt;
  }
  shown.subject = join_names(names);
  return shown;
}

// SIGSTOP. Under strace(1) a process is in state t now and then, and a stopped process of
// somebody's shell is no fault.
std::optional<Shown> stopped(const Evidence&, const AgentEvidence& agent) {
  std::vector<std::string> names;
  Shown shown;
  for (const EvidenceJson& process : list_of(agent.section("processes"), "list")) {
    const std::string daemon = text_of(process, "daemon");
    if (text_of(process, "state") != "T" || daemon.empty()) {
      continue;
    }
    add_once(names, daemon);
    shown.shown.push_back(fmt::format("process {} ({}) of user {} is in state T (stopped)",
                                      number_of(process, "pid"), text_of(process, "name"),
                                      text_of(process, "user")));
  }
  if (names.empty()) {
    return std::nullopt;
  }
  shown.subject = join_names(names);
  shown.follows.push_back("clients connect and get no answer");
  return shown;
}

std::optional<Shown> user_missing(const Evidence&, const AgentEvidence& agent) {
  Shown shown;
  std::vector<std::string> names;
  for (const EvidenceJson& missing : list_of(agent.section("users"), "missing")) {
    if (missing.is_string()) {
      names.push_back(missing.get<std::string>());
      shown.shown.push_back(names.back() + " is not in /etc/passwd or /etc/group of the container");
    }
  }
  if (names.empty()) {
    return std::nullopt;
  }
  shown.subject = join_names(names);
  return shown;
}

// The name of the process that has the socket, as the container says that it belongs to.
std::string owner_of(const Evidence& evidence, std::int64_t inode) {
  for (const AgentEvidence& agent : evidence.agents) {
    for (const EvidenceJson& other : list_of(agent.section("sockets"), "others")) {
      if (number_of(other, "inode") == inode) {
        return fmt::format("{} (pid {} in the container {})", text_of(other, "command"),
                           number_of(other, "pid"), to_text(agent.service()));
      }
    }
  }
  return {};
}

std::optional<Shown> port_taken(const Evidence& evidence, const AgentEvidence& agent) {
  Shown shown;
  std::vector<std::string> names;
  for (const EvidenceJson& port : list_of(agent.section("sockets"), "needed")) {
    const std::string name = text_of(port, "daemon");
    const DaemonStatus* daemon = agent.daemon(name);
    const EvidenceJson& taken = object_of(port, "taken_by");
    if (daemon == nullptr || daemon->state == "ready" || flag_of(port, "open") || taken.empty()) {
      continue;
    }
    add_once(names, name);
    const std::string owner = owner_of(evidence, number_of(taken, "inode"));
    shown.shown.push_back(fmt::format(
        "{} port {} belongs to {}", text_of(port, "protocol"), number_of(port, "port"),
        owner.empty() ? fmt::format("another process of user {}", number_of(taken, "uid"))
                      : owner));
  }
  for (const FailingDaemon& daemon : failing_daemons(evidence, agent)) {
    const auto lines = lines_with(daemon.words, {"address already in use", "address in use"});
    if (!lines.empty()) {
      add_once(names, daemon.name);
      shown.shown.insert(shown.shown.end(), lines.begin(), lines.end());
    }
  }
  // While it starts, the sockets of its predecessor may still be there for a moment.
  if (names.empty() || failing_daemons(evidence, agent).empty()) {
    return std::nullopt;
  }
  shown.subject = join_names(names);
  return shown;
}

std::optional<Shown> descriptors_exhausted(const Evidence& evidence, const AgentEvidence& agent) {
  std::vector<std::string> names;
  Shown shown;
  for (const EvidenceJson& process : list_of(agent.section("processes"), "list")) {
    const std::int64_t limit = number_of(process, "fd_limit");
    const std::int64_t used = number_of(process, "fds");
    if (limit > 0 && used * 100 >= limit * 95) {
      const std::string daemon = text_of(process, "daemon");
      add_once(names, daemon.empty() ? text_of(process, "name") : daemon);
      shown.shown.push_back(fmt::format("process {} ({}) has {} of {} file descriptors open",
                                        number_of(process, "pid"), text_of(process, "name"), used,
                                        limit));
    }
  }
  for (const FailingDaemon& daemon : failing_daemons(evidence, agent)) {
    const auto lines = lines_with(daemon.words, {"too many open files"});
    if (!lines.empty()) {
      add_once(names, daemon.name);
      shown.shown.insert(shown.shown.end(), lines.begin(), lines.end());
    }
  }
  if (names.empty()) {
    return std::nullopt;
  }
  shown.subject = join_names(names);
  return shown;
}

// Files of one kind of problem that a daemon needs.
std::optional<Shown> file_problem(const Evidence& evidence, const AgentEvidence& agent,
                                  std::string_view kind) {
  std::vector<std::string> names;
  Shown shown;
  for (const EvidenceJson& problem : list_of(agent.section("files"), "problems")) {
    if (text_of(problem, "kind") == kind) {
      add_once(names, text_of(problem, "daemon"));
      add_once(shown.shown, text_of(problem, "words"));
    }
  }
  if (names.empty()) {
    return std::nullopt;
  }
  for (const FailingDaemon& daemon : failing_daemons(evidence, agent)) {
    for (const std::string& line :
         lines_with(daemon.words, {"permission denied", "no such file", "not owned by"})) {
      add_once(shown.shown, line);
    }
  }
  shown.subject = join_names(names);
  return shown;
}

std::optional<Shown> file_missing(const Evidence& evidence, const AgentEvidence& agent) {
  return file_problem(evidence, agent, "missing");
}

std::optional<Shown> file_mode(const Evidence& evidence, const AgentEvidence& agent) {
  if (auto shown = file_problem(evidence, agent, "mode")) {
    return shown;
  }
  return shown_by_words(evidence, agent, {"permission denied", "not owned by"});
}

std::optional<Shown> lock_left(const Evidence& evidence, const AgentEvidence& agent) {
  return shown_by_words(evidence, agent,
                        {"unable to set exclusive lock", "unable to lock", "already running",
                         "is already locked", "lock file"});
}

std::optional<Shown> configuration_refused(const Evidence& evidence, const AgentEvidence& agent) {
  std::string daemon;
  const std::string words = refused_words(agent, daemon);
  if (words.empty() && daemon.empty()) {
    return std::nullopt;
  }
  Shown shown{.subject = daemon, .shown = split_lines(words)};
  if (is_failing(failing_daemons(evidence, agent), daemon)) {
    shown.follows.push_back(daemon + " does not start");
  }
  return shown;
}

std::optional<Shown> does_not_start(const Evidence& evidence, const AgentEvidence& agent) {
  std::vector<std::string> names;
  Shown shown;
  for (const FailingDaemon& daemon : failing_daemons(evidence, agent)) {
    names.push_back(daemon.name);
    shown.shown.push_back(fmt::format("{} ended: {}", daemon.name, daemon.how));
    // The last ones say why it ended; a finding shows only its first lines.
    const std::size_t from = daemon.words.size() - std::min(daemon.words.size(), kLastLines);
    shown.shown.insert(shown.shown.end(), daemon.words.begin() + static_cast<std::ptrdiff_t>(from),
                       daemon.words.end());
  }
  if (names.empty()) {
    return std::nullopt;
  }
  shown.subject = join_names(names);
  return shown;
}

// A process that runs, has not ended and still does not get ready.
std::optional<Shown> hangs(const Evidence& evidence, const AgentEvidence& agent) {
  constexpr std::int64_t kSlowest = 60'000;
  std::vector<std::string> names;
  Shown shown;
  for (const DaemonStatus& daemon : agent.status.daemons) {
    const std::int64_t since = to_millis(evidence.now) - daemon.since;
    if (daemon.state == "starting" && daemon.pid != 0 && since > kSlowest) {
      names.push_back(daemon.name);
      shown.shown.push_back(fmt::format("{} (pid {}) runs for {} s and passes no probe",
                                        daemon.name, daemon.pid, since / 1000));
    }
  }
  if (names.empty()) {
    return std::nullopt;
  }
  for (const ProbeStatus& probe : agent.status.probes) {
    if (!probe.ok) {
      shown.shown.push_back(fmt::format("{}: {}", probe.name, probe.message));
    }
  }
  shown.subject = join_names(names);
  return shown;
}

// A daemon that is being started or restarted: probes fail meanwhile, and that is no fault.
bool is_on_its_way(const Evidence& evidence, const DaemonStatus& daemon) {
  constexpr std::int64_t kLongestStart = 30'000;
  return daemon.state == "stopping" ||
         (daemon.state == "starting" && to_millis(evidence.now) - daemon.since < kLongestStart);
}

// What strangers may do has a cause of its own.
bool is_unexplained(const HealthCheck& check) {
  return check.result == CheckResult::failed && !check.name.starts_with("exposure");
}

// Something is wrong, and no rule says why.
std::optional<Shown> not_ready(const Evidence& evidence, const AgentEvidence& agent) {
  const bool moves = std::ranges::any_of(agent.status.daemons, [&](const DaemonStatus& daemon) {
    return is_on_its_way(evidence, daemon);
  });
  if (agent.status.state != "degraded" || moves) {
    return std::nullopt;
  }
  Shown shown;
  for (const DaemonStatus& daemon : agent.status.daemons) {
    if (daemon.state == "backoff" || daemon.state == "stopped") {
      shown.shown.push_back(fmt::format("{} is in state {}", daemon.name, daemon.state));
    }
  }
  for (const ProbeStatus& probe : agent.status.probes) {
    if (!probe.ok) {
      shown.shown.push_back(fmt::format("{}: {}", probe.name, probe.message));
    }
  }
  for (const HealthCheck& check : agent.status.checks) {
    if (is_unexplained(check)) {
      shown.shown.push_back(fmt::format("{}: {}", check.name, check.reason));
    }
  }
  for (const ServiceCheck& one : evidence.checks) {
    if (one.service == to_text(agent.service()) && is_unexplained(one.check)) {
      shown.shown.push_back(fmt::format("{}: {}", one.check.name, one.check.reason));
    }
  }
  if (shown.shown.empty()) {
    return std::nullopt;
  }
  return shown;
}

constexpr Cause kDaemonRows[] = {
    {.id = "daemon-stopped",
     .title = "{} is stopped: its process gets no processor time",
     .remedy = "run `podplay system restart {service}`; find out who sent SIGSTOP",
     .runbook = "docs/runbooks/daemons.md#daemon-stopped",
     .rank = 30,
     .explains = kDaemonSymptoms,
     .agent = stopped},
    {.id = "daemon-user-missing",
     .title = "the container has no {}, which its daemons run as",
     .remedy = "run `podplay up` with images that were built again (`make images`)",
     .runbook = "docs/runbooks/daemons.md#daemon-user-missing",
     .rank = 31,
     .explains = kDaemonSymptoms,
     .agent = user_missing},
    {.id = "daemon-port-taken",
     .title = "{} does not start: another process has its port",
     .remedy = "end that process, then run `podplay system restart {service}`",
     .runbook = "docs/runbooks/daemons.md#daemon-port-taken",
     .rank = 32,
     .explains = kDaemonSymptoms,
     .agent = port_taken},
    {.id = "daemon-descriptors-exhausted",
     .title = "{} has no file descriptors left",
     .remedy = "run `podplay system restart {service}`; raise the limit of open files if "
               "the load is real",
     .runbook = "docs/runbooks/daemons.md#daemon-descriptors-exhausted",
     .rank = 33,
     .explains = kDaemonSymptoms,
     .agent = descriptors_exhausted},
    {.id = "daemon-file-missing",
     .title = "a file or folder that {} needs is missing",
     .remedy = "run `podplay down` and `podplay up`, which make it again; restore what was user "
               "data from a backup",
     .runbook = "docs/runbooks/daemons.md#daemon-file-missing",
     .rank = 34,
     .explains = kDaemonSymptoms,
     .agent = file_missing},
    {.id = "daemon-file-mode",
     .title = "{} may not use a file that it needs: its owner or mode is wrong",
     .remedy = "run `podplay down` and `podplay up`, which set owners and modes again",
     .runbook = "docs/runbooks/daemons.md#daemon-file-mode",
     .rank = 35,
     .explains = kDaemonSymptoms,
     .agent = file_mode},
    {.id = "daemon-lock-left",
     .title = "{} does not start: another process holds its lock",
     .remedy = "end the process that holds the lock, then run `podplay system restart "
               "{service}`",
     .runbook = "docs/runbooks/daemons.md#daemon-lock-left",
     .rank = 36,
     .explains = kDaemonSymptoms,
     .agent = lock_left},
    {.id = "daemon-configuration-refused",
     .title = "{} does not start: its checker refuses the configuration in use",
     .remedy = "take back the template override that it names, or run `podplay down` and `podplay "
               "up`, which write the configuration again",
     .runbook = "docs/runbooks/daemons.md#daemon-configuration-refused",
     .rank = 40,
     .explains = kDaemonSymptoms,
     .agent = configuration_refused},
    {.id = "daemon-does-not-start",
     .title = "{} ends again and again soon after its start",
     .remedy = "read its last lines below, then run `podplay logs {service}`",
     .runbook = "docs/runbooks/daemons.md#daemon-does-not-start",
     .rank = 45,
     .explains = kDaemonSymptoms,
     .agent = does_not_start},
    {.id = "daemon-hangs",
     .title = "{} runs and does not answer",
     .remedy = "run `podplay system restart {service}`",
     .runbook = "docs/runbooks/daemons.md#daemon-hangs",
     .rank = 46,
     .explains = kDaemonSymptoms,
     .agent = hangs},
    {.id = "service-not-ready",
     .title = "{} does not pass its probes, and no known cause explains it",
     .remedy = "read what the probes say below, then run `podplay logs {service}`",
     .runbook = "docs/runbooks/daemons.md#service-not-ready",
     .rank = 90,
     .agent = not_ready},
};

}  // namespace

const std::span<const Cause> kDaemonCauses = kDaemonRows;

}  // namespace podplay::control
