// What an agent tells the control plane: what became of a revision, how its daemons are, what a
// command gave.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "base/clock.hpp"
#include "model/service.hpp"

namespace podplay {

struct ApplyReport {
  // everything up to this one is settled
  Revision revision = 0;
  ApplyState state = ApplyState::applied;
  // where it ended, when refused
  Stage stage = Stage::report;
  // who refused, e.g. "postfix"
  std::string daemon;
  // the daemon's own words
  std::string message;
  // the release now in use
  Revision running = 0;
};

struct DaemonStatus {
  // "postfix"
  std::string name;
  // "starting", "ready", "backoff", "stopping", "stopped"
  std::string state;
  int pid = 0;
  int restarts = 0;
  // Unix ms of the last change of state
  std::int64_t since = 0;
  // last lines on its output when it died
  std::string last_words;
};

struct ProbeStatus {
  // "imap-greeting", "soa-example.com", ...
  std::string name;
  bool ok = false;
  // what was seen; on failure with the remedy
  std::string message;
};

struct ServiceStatus {
  ServiceName service = ServiceName::apache;
  // "starting", "ready", "degraded", "away"
  std::string state;
  // of the release in use
  Revision revision = 0;
  std::uint64_t directory_seq = 0;
  std::vector<DaemonStatus> daemons;
  std::vector<ProbeStatus> probes;
  // what it is waiting for while starting
  std::string stage;
  std::string message;
  // Unix ms, set by the control plane
  std::int64_t seen = 0;
};

// Work for an agent beyond snapshots. Verbs: "restart", "queue", "send", "test", "dry_run".
struct AgentCommand {
  std::string id;
  std::string verb;
  // a JSON object
  std::string arguments;
  std::string request_id;
};

struct CommandResult {
  std::string id;
  bool ok = false;
  // JSON; on failure {"code","message","remedy"}
  std::string result;
};

}  // namespace podplay
