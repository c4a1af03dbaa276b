// A daemon's output as our log lines, made for thousands of lines a second: what one read gave is split and formatted in
// one buffer and written once. The last lines are kept: they are what a daemon said before it died.
#pragma once

#include <array>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "base/log.hpp"

namespace podplay::supervise {

// From the daemon's own words ("postfix/smtpd[3]: warning: ...", "[ssl:error] ..."), INFO when it says nothing.
Level severity_of(std::string_view line);

class LineLog {
 public:
  LineLog(std::vector<std::shared_ptr<LogSink>> sinks, std::string component, Level level, LogFormat format);

  void feed(std::string_view bytes);   // any piece of the stream
  void end();                          // the stream ended: a last line needs no newline
  std::string last_words() const;      // the newest lines, 20 at most, oldest first
  std::uint64_t lines() const { return lines_; }

 private:
  void take_line(std::string_view line, std::string_view time);
  void flush();

  static constexpr std::size_t kKept = 20;
  static constexpr std::size_t kLongest = 8192;  // bytes; a longer line is cut

  std::vector<std::shared_ptr<LogSink>> sinks_;
  std::string component_;
  Level level_;
  LogFormat format_;
  std::string partial_;                 // a line without its end yet
  std::string batch_;                   // formatted lines
  std::array<std::string, kKept> kept_; // a ring; the strings keep their memory
  std::uint64_t lines_ = 0;
};

}  // namespace podplay::supervise
