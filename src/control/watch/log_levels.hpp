// The levels of logs: what the settings say, and what an administrator changed for a while. A
// change is a row of the store, so it also ends when this program was started again meanwhile. The
// agents get theirs with the snapshot: their daemons are reloaded, never restarted.
#pragma once

#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "base/log.hpp"
#include "control/change.hpp"
#include "control/context.hpp"
#include "model/log_level.hpp"

namespace podplay::control {

class JobRun;

// The levels of podplayd's own loggers. For any thread.
class LogLevels {
 public:
  explicit LogLevels(const Settings& settings);

  // Of "cert", "user", "api", "auth", "store".
  SharedLevel shared(std::string_view component) const;
  // Takes over the changes that hold now; every other component is as its setting says.
  void use(const std::vector<LevelChange>& changes) const;

 private:
  // Constant after construction; the levels guard themselves.
  std::map<std::string, SharedLevel, std::less<>> levels_;
  std::map<std::string, Level, std::less<>> configured_;
};

struct LogLevelView {
  std::string component;
  // PODPLAY_..._LOG_LEVEL, and what it says.
  std::string_view setting;
  Level configured = Level::info;
  // That counts now, until `until`; without an end when that is 1970.
  Level level = Level::info;
  WallTime until{};
};

inline constexpr std::string_view kLevelJob = "log_level_end";

// Of every component.
Result<std::vector<LogLevelView>> list_log_levels(Context& context);

struct LevelInput {
  // A component, or "all".
  std::string component;
  // ERROR WARN INFO DEBUG TRACE; empty: as the setting says, at once.
  std::string level;
  // How long it holds; 0: 15 minutes.
  std::int64_t seconds = 0;
};
Result<Changed<std::vector<LogLevelView>>> set_log_levels(Context& context, const Actor& actor,
                                                          const LevelInput& input,
                                                          const WriteOptions& options);

// At the start of the program: uses what the store has.
Status recall_log_levels(Context& context);
// The level of a component, as the snapshots have it: the time is not looked at, since a change
// that is over holds until the job kLevelJob has ended it.
Level stored_level(const Settings& settings, store::Session& session, std::string_view component);
// The job kLevelJob: ends what is due.
Status end_log_levels(Context& context, JobRun& run);

}  // namespace podplay::control
