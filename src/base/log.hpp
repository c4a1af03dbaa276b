// Logging: a constant sentence and facts, in one format everywhere (docs/operations.md):
//   [2026-01-31T12:00:00.123Z] [INFO] [mail.postfix] message key=value
// or the same fields as one JSON object per line. A Logger is handed in, never global.
#pragma once

#include <atomic>
#include <concepts>
#include <cstdint>
#include <initializer_list>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "base/clock.hpp"
#include "base/result.hpp"
#include "base/secret.hpp"

namespace podplay {

enum class Level { error, warn, info, debug, trace };
enum class LogFormat { text, json };

// Reads ERROR, WARN, INFO, DEBUG or TRACE, in any case.
Result<Level> parse_level(std::string_view text);
std::string_view level_name(Level level);

// One key=value of a line. A fact with an empty value is left out.
struct Fact {
  std::string_view key;
  std::string value;

  Fact(std::string_view k, std::string_view v) : key(k), value(v) {}
  Fact(std::string_view k, const std::string& v) : key(k), value(v) {}
  Fact(std::string_view k, const char* v) : key(k), value(v) {}
  Fact(std::string_view k, bool v) : key(k), value(v ? "true" : "false") {}
  template <class N>
    requires(std::integral<N> || std::floating_point<N>)
  Fact(std::string_view k, N v) : key(k), value(std::to_string(v)) {}
  // Secrets have no place in a log.
  Fact(std::string_view k, const Secret&) = delete;
};

// A place that lines are written to. Implementations may be called from any thread.
class LogSink {
 public:
  virtual ~LogSink() = default;
  // Takes one formatted line without its newline.
  virtual void write(std::string_view line) = 0;
};

std::shared_ptr<LogSink> make_stdout_sink();

// The parts of a line as text, for those who wrap the lines of others.
void append_line_head(std::string& line, std::string_view time, Level level,
                      std::string_view component);
// Appends " key=value". An empty value is left out; line ends and quotes in it are escaped.
void append_fact(std::string& line, std::string_view key, std::string_view value);

// A level that many loggers look at. A change counts for their next line.
using SharedLevel = std::shared_ptr<std::atomic<Level>>;
SharedLevel share_level(Level level);

// A handle that is cheap to copy. Everything in it is constant after construction, apart from the
// level, which guards itself. So it can be used from any thread.
class Logger {
 public:
  // `component` is dotted: "mail.postfix", "api", "agent.link".
  Logger(std::vector<std::shared_ptr<LogSink>> sinks, std::string component, Level level,
         LogFormat format);
  // Its level changes with `level`.
  Logger(std::vector<std::shared_ptr<LogSink>> sinks, std::string component, SharedLevel level,
         LogFormat format);

  // The same sinks and level for the component COMPONENT.NAME.
  Logger child(std::string_view name) const;
  // The same sinks and level for another component.
  Logger with_component(std::string component) const;
  // Also writes lines of level `least`, and more serious ones, to `extra`.
  Logger with_sink(std::shared_ptr<LogSink> extra, Level least = Level::trace) const;
  // Adds key=value to every line, such as request=ID.
  Logger with_fact(std::string key, std::string value) const;

  bool enabled(Level level) const { return level <= level_->load(std::memory_order_relaxed); }
  void log(Level level, std::string_view sentence, std::initializer_list<Fact> facts = {}) const;
  void error(std::string_view sentence, std::initializer_list<Fact> facts = {}) const {
    log(Level::error, sentence, facts);
  }
  void warn(std::string_view sentence, std::initializer_list<Fact> facts = {}) const {
    log(Level::warn, sentence, facts);
  }
  void info(std::string_view sentence, std::initializer_list<Fact> facts = {}) const {
    log(Level::info, sentence, facts);
  }
  void debug(std::string_view sentence, std::initializer_list<Fact> facts = {}) const {
    log(Level::debug, sentence, facts);
  }
  void trace(std::string_view sentence, std::initializer_list<Fact> facts = {}) const {
    log(Level::trace, sentence, facts);
  }

 private:
  struct Place {
    std::shared_ptr<LogSink> sink;
    Level least;
  };
  std::vector<Place> places_;
  std::string component_;
  SharedLevel level_;
  LogFormat format_;
  std::vector<std::pair<std::string, std::string>> facts_;
};

// A logger that writes nowhere, for tests.
Logger silent_logger();

}  // namespace podplay
