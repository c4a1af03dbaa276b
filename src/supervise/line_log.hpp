// Turns a daemon's output into log lines, thousands in a second if need be: all lines of one read
// are formatted in one buffer and written at once. The last lines are kept, because they say why a
// daemon ended.
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
#include "logs/current_request.hpp"

namespace podplay::supervise {

// The level that a line names itself, as in "postfix/smtpd[3]: warning: ..." and "[ssl:error] ...".
// INFO when it names none.
Level severity_of(std::string_view line);

// Where the lines of a daemon go, and in which form.
struct LineLogOptions {
  // The first half of the component, such as "mail".
  std::string service;
  // The log of lines that belong to no other, such as "postfix".
  std::string daemon;
  // These get every line.
  std::vector<std::shared_ptr<LogSink>> sinks{};
  // Called with the first line of each log; gives a sink for the lines of that log only. May be
  // empty.
  std::function<std::shared_ptr<LogSink>(const std::string& log)> file{};
  // Lines below it are dropped. It may change at any time.
  SharedLevel level = share_level(Level::info);
  LogFormat format = LogFormat::text;
  // ProcessSpec::read_line.
  DaemonLine (*read_line)(std::string_view) = nullptr;
  // Named by the lines that a daemon writes about itself. May be empty.
  std::shared_ptr<const logs::CurrentRequest> request{};
  // Called for each line that is counted. May be empty.
  std::function<void(const MetricFamily&)> count{};
};

// Not for two threads at once. The supervisor's event loop is the only caller.
class LineLog {
 public:
  explicit LineLog(LineLogOptions options);

  // Takes the next octets of the stream, wherever lines begin and end.
  void feed(std::string_view bytes);
  // Ends the stream. Its last line needs no newline.
  void end();
  // The last 20 lines at most, the oldest first.
  std::string last_words() const;
  // How many lines could have become last words.
  std::uint64_t lines() const { return lines_; }

 private:
  // One of the logs of the daemon.
  struct Place {
    std::string name;
    std::string component;
    std::shared_ptr<LogSink> file;
    // Formatted lines that were not written yet.
    std::string batch;
  };
  Place& place_of(std::string_view name);
  void append(const Place& place, const DaemonLine& line, std::string_view time);
  void take_line(std::string_view line, std::string_view time);
  void flush();

  static constexpr std::size_t kKept = 20;
  // Bytes. A longer line is cut.
  static constexpr std::size_t kLongest = 8192;

  // Constant after construction.
  LineLogOptions options_;

  std::vector<Place> places_;
  // The start of a line whose end has not come.
  std::string partial_;
  // Formatted lines of all places in their order.
  std::string batch_;
  // The words of one line without its secrets.
  std::string redacted_;
  // A ring. The strings keep their memory.
  std::array<std::string, kKept> kept_;
  std::uint64_t lines_ = 0;
};

}  // namespace podplay::supervise
