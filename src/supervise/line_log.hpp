// A daemon's output as our log lines, made for thousands of lines a second: what one read gave is
// split and formatted in one buffer and written once. The last lines are kept: they are what a
// daemon said before it died.
#pragma once

#include <array>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "base/log.hpp"
#include "base/process.hpp"

namespace podplay::supervise {

// From the daemon's own words ("postfix/smtpd[3]: warning: ...", "[ssl:error] ..."), INFO when it
// says nothing.
Level severity_of(std::string_view line);

// Where a daemon's lines go, and how.
struct LineLogOptions {
  // "mail": the first half of the component
  std::string service;
  // "postfix": the log of lines that name no other
  std::string daemon;
  // get every line
  std::vector<std::shared_ptr<LogSink>> sinks{};
  // made for each log with its first line; may be empty
  std::function<std::shared_ptr<LogSink>(const std::string& log)> file{};
  Level level = Level::info;
  LogFormat format = LogFormat::text;
  // see ProcessSpec
  DaemonLine (*read_line)(std::string_view) = nullptr;
};

class LineLog {
 public:
  explicit LineLog(LineLogOptions options);

  // any piece of the stream
  void feed(std::string_view bytes);
  // the stream ended: a last line needs no newline
  void end();
  // the newest lines, 20 at most, oldest first
  std::string last_words() const;
  std::uint64_t lines() const { return lines_; }

 private:
  // One of the daemon's logs.
  struct Place {
    std::string name;
    std::string component;
    std::shared_ptr<LogSink> file;
    // formatted lines
    std::string batch;
  };
  Place& place_of(std::string_view name);
  void append(const Place& place, Level level, std::string_view message, std::string_view time);
  void take_line(std::string_view line, std::string_view time);
  void flush();

  static constexpr std::size_t kKept = 20;
  // bytes; a longer line is cut
  static constexpr std::size_t kLongest = 8192;

  LineLogOptions options_;
  std::vector<Place> places_;
  // a line without its end yet
  std::string partial_;
  // formatted lines of all places, in order
  std::string batch_;
  // a ring; the strings keep their memory
  std::array<std::string, kKept> kept_;
  std::uint64_t lines_ = 0;
};

}  // namespace podplay::supervise
