// Logging: a constant sentence plus facts, one line format everywhere (docs/operations.md):
//   [2026-01-31T12:00:00.123Z] [INFO] [mail.postfix] message key=value
// or the same fields as one JSON object a line. A Logger is handed in, never global.
#pragma once

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

// ERROR WARN INFO DEBUG TRACE, any case
Result<Level> parse_level(std::string_view text);
std::string_view level_name(Level level);

// One key=value of a line; left out when the value is empty.
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
  // a secret has no place in a log
  Fact(std::string_view k, const Secret&) = delete;
};

// Where lines go. Thread-safe.
class LogSink {
 public:
  virtual ~LogSink() = default;
  // one formatted line without its newline
  virtual void write(std::string_view line) = 0;
};

std::shared_ptr<LogSink> make_stdout_sink();
// Appends to a file below /data/logs; rotated at 10 MB or daily, 30 kept, compressed; creates the
// folder. A file that cannot be written is said once on stderr and tried again later: logging never
// stops a daemon.
std::shared_ptr<LogSink> make_file_sink(std::string path);

class Logger {
 public:
  // `component` is dotted: "mail.postfix", "api", "agent.link".
  Logger(std::vector<std::shared_ptr<LogSink>> sinks, std::string component, Level level,
         LogFormat format);

  // component + "." + name, same sinks and level
  Logger child(std::string_view name) const;
  // another component, same sinks and level
  Logger with_component(std::string component) const;
  // also writes there what is as grave as `least`
  Logger with_sink(std::shared_ptr<LogSink> extra, Level least = Level::trace) const;
  Logger with_level(Level level) const;
  // e.g. request=... on every line
  Logger with_fact(std::string key, std::string value) const;

  bool enabled(Level level) const { return level <= level_; }
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
  Level level_;
  LogFormat format_;
  std::vector<std::pair<std::string, std::string>> facts_;
};

// A logger that writes nowhere, for tests.
Logger silent_logger();

}  // namespace podplay
