// Lines of the logs, for those who may see them: an administrator all of them, a domain
// administrator those of their domains.
#pragma once

#include <array>
#include <string>
#include <string_view>
#include <vector>

#include "control/context.hpp"
#include "logs/log_watch.hpp"
#include "logs/search.hpp"

namespace podplay::control {

// The folders of the logs' volume.
inline constexpr std::array<std::string_view, 5> kLogFolders{"apache", "bind", "mail", "api",
                                                             "certs"};

// What is asked for; what is empty is not asked for.
struct LogQuestion {
  // One of kLogFolders; empty: all.
  std::string service{};
  // One log of the service, such as "postfix".
  std::string log{};
  // The machine that wrote it. Only this one's logs are here.
  std::string host{};
  logs::LineFilter filter{};
  logs::SearchOrder order = logs::SearchOrder::newest_first;
  std::size_t lines = 100;
  std::string cursor{};
};

// Looks for at most two seconds, and returns what it found until then.
Result<logs::FoundLines> search_logs(Context& context, const Actor& actor, LogQuestion question);

// Follows the logs for somebody who waits for new lines. For one thread.
class LogFollower {
 public:
  // Begins behind the lines that are there now, or at the question's cursor, which is one of a
  // follower.
  static Result<LogFollower> begin(Context& context, const Actor& actor, LogQuestion question);

  // The last lines before the beginning, oldest first, at most `question.lines`.
  Result<logs::FoundLines> lines_before(const Actor& actor);
  // Lines that were written since, oldest first. Returns when there are some, or after `longest`.
  // They are read as `actor` may see them. Until keep() is called, the next call returns them
  // again.
  Result<logs::FoundLines> next(const Actor& actor, std::chrono::milliseconds longest);
  void keep(const logs::FoundLines& found) { question_.cursor = found.cursor; }
  const std::string& cursor() const { return question_.cursor; }

 private:
  LogFollower(Context& context, LogQuestion question, logs::LogWatch watch)
      : context_(&context), question_(std::move(question)), watch_(std::move(watch)) {}

  Context* context_;
  LogQuestion question_;
  logs::LogWatch watch_;
  // There may be more lines than those of the last call.
  bool more_ = true;
};

}  // namespace podplay::control
