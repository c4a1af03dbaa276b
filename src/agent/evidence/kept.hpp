// What sections of the evidence keep between two questions. One agent has one, and any thread may
// ask.
#pragma once

#include <cstdint>
#include <deque>
#include <mutex>
#include <nlohmann/json.hpp>
#include <optional>
#include <string>
#include <utility>

#include "agent/evidence/mail_lines.hpp"
#include "base/clock.hpp"

namespace podplay::agent {

// The last answer of the daemons' checkers.
struct KeptChecks {
  // Held while they run, so that they run once for all who ask.
  std::mutex mutex;
  // Guarded by mutex.
  SteadyTime at{};
  std::string release;
  std::optional<nlohmann::json> answer;
};

// The lines that were read last.
struct KeptMailLines {
  // Held while they are read, so that they are read once for all who ask.
  std::mutex mutex;
  // Guarded by mutex.
  SteadyTime read_at{};
  MailLines last;
};

// How many messages waited whenever somebody asked.
struct KeptQueue {
  std::mutex mutex;
  // Guarded by mutex.
  std::deque<std::pair<SteadyTime, std::int64_t>> samples;
};

struct KeptEvidence {
  KeptChecks checks;
  KeptMailLines mail_lines;
  KeptQueue queue;
};

}  // namespace podplay::agent
