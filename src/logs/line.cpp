// A line of text is read in one pass. Facts are the run of key=value at its end, so a "=" within a
// sentence is harmless.
#include "logs/line.hpp"

#include <algorithm>
#include <array>
#include <nlohmann/json.hpp>

#include "base/ascii.hpp"
#include "base/control_character.hpp"
#include "base/json_text.hpp"

namespace podplay::logs {
namespace {

// The width of 2026-01-31T12:00:00.123Z.
constexpr std::size_t kLineTimeWidth = 24;
constexpr std::string_view kJsonTime = R"({"time":")";
constexpr std::string_view kJsonLevel = R"(","level":")";
constexpr std::string_view kJsonComponent = R"(","component":")";
constexpr std::string_view kJsonEnd = R"(",)";
constexpr std::string_view kRequest = " request=";

using Facts = std::vector<std::pair<std::string, std::string>>;

bool is_time(std::string_view text) {
  constexpr std::string_view kShape = "0000-00-00T00:00:00.000Z";
  for (std::size_t i = 0; i < kShape.size(); ++i) {
    const bool digit = text[i] >= '0' && text[i] <= '9';
    if (kShape[i] == '0' ? !digit : text[i] != kShape[i]) {
      return false;
    }
  }
  return true;
}

// Takes `text` off the front of `rest`.
bool take(std::string_view& rest, std::string_view text) {
  if (!rest.starts_with(text)) {
    return false;
  }
  rest.remove_prefix(text.size());
  return true;
}

// Takes what stands before `end`, and `end`.
bool take_until(std::string_view& rest, std::string_view end, std::string_view& word) {
  const std::size_t at = rest.find(end);
  if (at == rest.npos) {
    return false;
  }
  word = rest.substr(0, at);
  rest.remove_prefix(at + end.size());
  return true;
}

std::optional<Level> level_of_name(std::string_view name) {
  for (const Level level : {Level::info, Level::warn, Level::error, Level::debug, Level::trace}) {
    if (name == level_name(level)) {
      return level;
    }
  }
  return std::nullopt;
}

bool is_key(char c) {
  const char small = lower(c);
  return (small >= 'a' && small <= 'z') || (c >= '0' && c <= '9') || c == '_' || c == '-' ||
         c == '.';
}

int hex(char c) {
  if (c >= '0' && c <= '9') {
    return c - '0';
  }
  const char small = lower(c);
  return small >= 'a' && small <= 'f' ? small - 'a' + 10 : -1;
}

// Undoes append_fact's escapes.
std::string unescape(std::string_view text) {
  std::string plain;
  plain.reserve(text.size());
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (text[i] != '\\' || i + 1 == text.size()) {
      plain += text[i];
      continue;
    }
    const char c = text[++i];
    if (c == 'x' && i + 2 < text.size() && hex(text[i + 1]) >= 0 && hex(text[i + 2]) >= 0) {
      plain += static_cast<char>(hex(text[i + 1]) * 16 + hex(text[i + 2]));
      i += 2;
    } else if (c == 'n') {
      plain += '\n';
    } else if (c == 'r') {
      plain += '\r';
    } else if (c == 't') {
      plain += '\t';
    } else {
      plain += c;
    }
  }
  return plain;
}

// Where the value that begins at `at` ends: behind its closing quote, or at a blank. npos for a
// quote that is never closed.
std::size_t value_end(std::string_view text, std::size_t at) {
  if (at < text.size() && text[at] == '"') {
    for (std::size_t i = at + 1; i < text.size(); ++i) {
      if (text[i] == '\\') {
        ++i;
      } else if (text[i] == '"') {
        return i + 1;
      }
    }
    return text.npos;
  }
  return std::min(text.find(' ', at), text.size());
}

struct Span {
  std::string_view key;
  std::string_view value;
};

// Cuts the facts off the end of `message`.
Facts cut_facts(std::string_view& message) {
  std::vector<Span> run;
  std::size_t run_begin = message.size();
  // Once a quote is not closed, none behind it is read again.
  bool unclosed = false;
  for (std::size_t at = message.find(' '); at != message.npos && !unclosed;) {
    std::size_t end = at + 1;
    while (end < message.size() && is_key(message[end])) {
      ++end;
    }
    const bool fact = end > at + 1 && end < message.size() && message[end] == '=';
    const std::size_t after = fact ? value_end(message, end + 1) : message.find(' ', at + 1);
    unclosed = fact && after == message.npos;
    const bool whole = fact && !unclosed && (after == message.size() || message[after] == ' ');
    if (!whole) {
      run.clear();
      run_begin = message.size();
    } else {
      run_begin = run.empty() ? at : run_begin;
      run.push_back(
          {message.substr(at + 1, end - at - 1), message.substr(end + 1, after - end - 1)});
    }
    at = after >= message.size() ? message.npos : message.find(' ', after);
  }
  Facts facts;
  for (const Span& span : run) {
    std::string_view value = span.value;
    if (value.size() >= 2 && value.front() == '"') {
      value = value.substr(1, value.size() - 2);
    }
    facts.emplace_back(span.key, unescape(value));
  }
  message = message.substr(0, run_begin);
  return facts;
}

// The one fact that the agent appends to a daemon's line.
Facts cut_request(std::string_view& message) {
  const std::size_t at = message.rfind(kRequest);
  if (at == message.npos) {
    return {};
  }
  const std::string_view value = message.substr(at + kRequest.size());
  if (value.empty() || !std::ranges::all_of(value, is_key)) {
    return {};
  }
  Facts facts{{"request", std::string(value)}};
  message = message.substr(0, at);
  return facts;
}

// Both formats: the level must be known, and the component a dotted name.
std::optional<LineHead> finished(LineHead head, std::string_view level, std::string_view rest) {
  const auto known = level_of_name(level);
  if (!known || !std::ranges::all_of(head.component, is_key)) {
    return std::nullopt;
  }
  head.level = *known;
  head.rest = rest;
  return head;
}

std::optional<LineHead> read_text_head(std::string_view line) {
  LineHead head;
  std::string_view level;
  if (line.size() < kLineTimeWidth + 2 || !is_time(line.substr(1, kLineTimeWidth))) {
    return std::nullopt;
  }
  head.time = line.substr(1, kLineTimeWidth);
  line.remove_prefix(kLineTimeWidth + 1);
  if (!take(line, "] [") || !take_until(line, "] [", level) ||
      !take_until(line, "] ", head.component)) {
    return std::nullopt;
  }
  return finished(head, level, line);
}

std::optional<LineHead> read_json_head(std::string_view line) {
  LineHead head{.format = LogFormat::json};
  std::string_view level;
  if (!take(line, kJsonTime) || line.size() < kLineTimeWidth ||
      !is_time(line.substr(0, kLineTimeWidth))) {
    return std::nullopt;
  }
  head.time = line.substr(0, kLineTimeWidth);
  line.remove_prefix(kLineTimeWidth);
  if (!take(line, kJsonLevel) || !take_until(line, kJsonComponent, level) ||
      !take_until(line, kJsonEnd, head.component)) {
    return std::nullopt;
  }
  return finished(head, level, line);
}

std::optional<LogLine> parse_json_line(const LineHead& head, std::string_view text) {
  const auto object = nlohmann::ordered_json::parse(text, nullptr, false);
  if (!object.is_object()) {
    return std::nullopt;
  }
  LogLine line{.time = std::string(head.time),
               .level = head.level,
               .component = std::string(head.component),
               .message = {},
               .facts = {}};
  for (const auto& [key, value] : object.items()) {
    std::string words = value.is_string() ? value.get<std::string>() : json_text(value);
    if (key == "message") {
      line.message = std::move(words);
    } else if (key != "time" && key != "level" && key != "component") {
      line.facts.emplace_back(key, std::move(words));
    }
  }
  return line;
}

}  // namespace

std::optional<LineHead> read_head(std::string_view line) {
  return line.starts_with('{') ? read_json_head(line) : read_text_head(line);
}

std::string_view LogLine::fact(std::string_view key) const {
  const auto found = std::ranges::find(facts, key, &std::pair<std::string, std::string>::first);
  return found == facts.end() ? std::string_view() : std::string_view(found->second);
}

bool is_daemon(std::string_view component) {
  return component.starts_with("mail.") || component.starts_with("apache.") ||
         component.starts_with("bind.");
}

std::optional<LogLine> parse_line(std::string_view line) {
  const auto head = read_head(line);
  if (!head) {
    return std::nullopt;
  }
  if (head->format == LogFormat::json) {
    return parse_json_line(*head, line);
  }
  std::string_view message = head->rest;
  Facts facts = is_daemon(head->component) ? cut_request(message) : cut_facts(message);
  return LogLine{.time = std::string(head->time),
                 .level = head->level,
                 .component = std::string(head->component),
                 .message = std::string(message),
                 .facts = std::move(facts)};
}

std::string format_line(const LogLine& line, LogFormat format) {
  if (format == LogFormat::json) {
    nlohmann::ordered_json object{{"time", line.time},
                                  {"level", level_name(line.level)},
                                  {"component", line.component},
                                  {"message", line.message}};
    for (const auto& [key, value] : line.facts) {
      // A fact does not take the place of the head.
      object.emplace(key, value);
    }
    return json_text(object);
  }
  std::string text;
  append_line_head(text, line.time, line.level, line.component);
  for (const char c : line.message) {
    text += is_control(c) && c != '\t' ? '?' : c;
  }
  for (const auto& [key, value] : line.facts) {
    if (std::ranges::all_of(key, is_key)) {
      append_fact(text, key, value);
    }
  }
  return text;
}

}  // namespace podplay::logs
