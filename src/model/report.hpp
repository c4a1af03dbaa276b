// What an agent reports to the control plane: the fate of a revision, the state of its daemons, the
// result of a command.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "base/clock.hpp"
#include "model/check.hpp"
#include "model/feed.hpp"

namespace podplay {

// A row that a daemon did not take. The rows after it go on. It is tried again now and then, and
// when it changes.
struct SetAsideRow {
  RowKind kind = RowKind::domain;
  std::string key;
  // Of the change that put it in.
  Revision revision = 0;
  // The daemon that refused it, e.g. "named".
  std::string daemon;
  // The daemon's own words.
  std::string message;
  bool operator==(const SetAsideRow&) const = default;
};

struct ApplyReport {
  // Everything up to this one is settled.
  Revision revision = 0;
  ApplyState state = ApplyState::applied;
  // The stage at which it ended, when refused.
  Stage stage = Stage::report;
  // The daemon that refused it, e.g. "postfix".
  std::string daemon;
  // The daemon's own words.
  std::string message;
  // The release now in use.
  Revision running = 0;
  // Rows that are set aside since the report before.
  std::vector<SetAsideRow> set_aside{};
  // Rows that were set aside and are no longer: applied, or gone. Kind and key only.
  std::vector<SetAsideRow> recovered{};
};

struct DaemonStatus {
  // "postfix".
  std::string name;
  // "starting", "ready", "backoff", "stopping", "stopped".
  std::string state;
  int pid = 0;
  int restarts = 0;
  // Unix ms of the last change of state.
  std::int64_t since = 0;
  // Last lines on its output when it died.
  std::string last_words;
};

struct ProbeStatus {
  // "imap-greeting", "soa-example.com", ...
  std::string name;
  bool ok = false;
  // What was seen; on failure with the remedy.
  std::string message;
};

struct ServiceStatus {
  AgentName agent;
  // "starting", "ready", "degraded", "away".
  std::string state;
  // Of the release in use.
  Revision revision = 0;
  // How far its replica has followed the feed.
  std::uint64_t feed_seq = 0;
  // How many rows are set aside, and the first of them.
  std::uint64_t set_aside_count = 0;
  std::vector<SetAsideRow> set_aside;
  std::vector<DaemonStatus> daemons;
  std::vector<ProbeStatus> probes;
  // What it is waiting for while starting.
  std::string stage;
  std::string message;
  // Unix ms, set by the control plane.
  std::int64_t seen = 0;
  // Its checks of health, and what it repaired by itself lately.
  std::vector<HealthCheck> checks{};
  std::vector<SelfRepair> repairs{};
  // Unix ms of the agent's own clock when it said this; 0: it did not say.
  std::int64_t sent = 0;
  // How far that was ahead of the control plane's clock, in milliseconds; set by the control plane.
  std::int64_t clock_ahead = 0;
  // "starting", "ready", "degraded" or "down", and why; set by the control plane, which knows more.
  std::string health{};
  std::vector<std::string> reasons{};
};

// Work for an agent besides snapshots and rows. docs/pipe.md, "The link", lists the verbs.
struct AgentCommand {
  std::string id;
  std::string verb;
  // A JSON object.
  std::string arguments;
  std::string request_id;
};

struct CommandResult {
  std::string id;
  bool ok = false;
  // JSON; on failure {"code","message","remedy"}.
  std::string result;
};

}  // namespace podplay
