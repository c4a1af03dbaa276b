// Finds the lines about one message in the logs: those of each of its queue ids, and what Dovecot
// did with it. Reads a handful of frames, since the index knows ids.
#pragma once

#include <chrono>
#include <set>
#include <string>
#include <vector>

#include "base/clock.hpp"
#include "control/mail/trace/trace_line.hpp"
#include "logs/search.hpp"

namespace podplay::control {

class TraceLoader {
 public:
  // `logs` is the folder of the logs' folders. What is not found until the deadline is missing.
  // `thorough`: parts that are joined may lie days apart; else an hour.
  TraceLoader(std::string logs, std::chrono::steady_clock::time_point deadline, bool thorough)
      : logs_(std::move(logs)), deadline_(deadline), thorough_(thorough) {}

  // A search of Postfix's log, the newest line first; the caller sets the rest.
  logs::LogSearch search_of(const std::string& log) const;
  // All lines of the message that has this queue id, and of those that came of it: forwarded,
  // redirected, returned. In the order of time. `around`: the time of any of its lines.
  Result<std::vector<TraceLine>> load(const std::string& queue_id, WallTime around) const;

 private:
  Result<std::vector<TraceLine>> lines_of(const std::string& queue_id, WallTime around) const;
  // The ids of messages with this Message-ID.
  Result<std::vector<std::string>> ids_of(const std::string& message_id, WallTime since,
                                          WallTime until) const;
  Result<std::vector<TraceLine>> read(const logs::LogSearch& asked) const;
  Status add_filings(std::vector<TraceLine>& lines) const;

  // Constant after construction.
  const std::string logs_;
  const std::chrono::steady_clock::time_point deadline_;
  const bool thorough_;
};

}  // namespace podplay::control
