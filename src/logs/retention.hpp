// How long old log files are kept.
#pragma once

#include <cstdint>
#include <string>

#include "base/clock.hpp"

namespace podplay::logs {

struct Keep {
  // PODPLAY_LOG_KEEP_DAYS
  int days = 30;
  // PODPLAY_LOG_KEEP_BYTES: of one folder, which is one service.
  std::int64_t bytes = 2LL << 30;
};

// YYYYMMDDTHHMMSSmmmZ, as in the name of a segment (logs/segment.hpp): the order of these texts is
// that of time.
std::string segment_time(WallTime time);

// Removes the segments of a folder that are too old, then the oldest ones until the rest fits. The
// files that are written now stay, whatever their size. Never fails: what cannot be removed stays.
void drop_old_segments(const std::string& folder, const Keep& keep, WallTime now);

}  // namespace podplay::logs
