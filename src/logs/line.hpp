// Reads and writes one line of a log, in either form (base/log.hpp says how they look). Search,
// traces and diagnosis read lines only through this file.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/log.hpp"

namespace podplay::logs {

// What every line begins with. The views point into the line. Costs no memory: for lines that are
// only looked at.
struct LineHead {
  // RFC 3339 in UTC with milliseconds, always 24 octets: the order of the texts is that of time.
  std::string_view time;
  Level level = Level::info;
  // Such as "mail.postfix" or "api.audit".
  std::string_view component;
  // What follows the head. In JSON: from the member "message" on, still escaped.
  std::string_view rest;
  LogFormat format = LogFormat::text;
};
// Nothing for a line that is not ours: cut, or written by something else.
std::optional<LineHead> read_head(std::string_view line);

struct LogLine {
  std::string time;
  Level level = Level::info;
  std::string component;
  // The sentence, or the words of a daemon; without the facts.
  std::string message;
  // In the order of the line. Keys of ids: request, queue_id, message_id, session, user, from, to,
  // ip.
  std::vector<std::pair<std::string, std::string>> facts;

  // The value of the first fact of this key; empty when there is none.
  std::string_view fact(std::string_view key) const;
  bool operator==(const LogLine&) const = default;
};

// Reads a whole line without its newline. Facts are read from the lines of our own programs; in the
// text form a daemon's line has no fact but `request`, which the agent put at its end: the daemon's
// words are what some client wrote, and must not pass for facts.
std::optional<LogLine> parse_line(std::string_view line);

// The line as it stands in a file, without its newline.
std::string format_line(const LogLine& line, LogFormat format);

// Whether a daemon's words, wrapped by the agent, are the message: components apache.*, bind.*,
// mail.*.
bool is_daemon(std::string_view component);

}  // namespace podplay::logs
