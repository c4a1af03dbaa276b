// What an agent tells the control plane: what became of a revision, how its daemons are, what a command gave.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "base/clock.hpp"
#include "model/service.hpp"

namespace podplay {

struct ApplyReport {
  Revision revision = 0;  // everything up to this one is settled
  ApplyState state = ApplyState::applied;
  Stage stage = Stage::report;  // where it ended, when refused
  std::string daemon;           // who refused, e.g. "postfix"
  std::string message;          // the daemon's own words
  Revision running = 0;         // the release now in use
};

struct DaemonStatus {
  std::string name;   // "postfix"
  std::string state;  // "starting", "ready", "backoff", "stopping", "stopped"
  int pid = 0;
  int restarts = 0;
  std::int64_t since = 0;  // Unix ms of the last change of state
  std::string last_words;  // last lines on its output when it died
};

struct ProbeStatus {
  std::string name;  // "imap-greeting", "soa-example.com", ...
  bool ok = false;
  std::string message;  // what was seen; on failure with the remedy
};

struct ServiceStatus {
  ServiceName service = ServiceName::apache;
  std::string state;      // "starting", "ready", "degraded", "away"
  Revision revision = 0;  // of the release in use
  std::uint64_t directory_seq = 0;
  std::vector<DaemonStatus> daemons;
  std::vector<ProbeStatus> probes;
  std::string stage;  // what it is waiting for while starting
  std::string message;
  std::int64_t seen = 0;  // Unix ms, set by the control plane
};

// Work for an agent beyond snapshots. Verbs: "restart", "queue", "send", "test", "dry_run".
struct AgentCommand {
  std::string id;
  std::string verb;
  std::string arguments;  // a JSON object
  std::string request_id;
};

struct CommandResult {
  std::string id;
  bool ok = false;
  std::string result;  // JSON; on failure {"code","message","remedy"}
};

}  // namespace podplay
