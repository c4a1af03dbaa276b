// What a client wrote into a line brings no control characters to the terminal.
#include "cli/show/log_lines.hpp"

#include <fmt/format.h>

#include "base/control_character.hpp"
#include "logs/line.hpp"

namespace podplay::cli {
namespace {

// ECMA-48, section 8.3.117.
std::string_view colour_of(Level level) {
  switch (level) {
    case Level::error: return "\x1b[31m";
    case Level::warn: return "\x1b[33m";
    case Level::info: return "\x1b[32m";
    case Level::debug:
    case Level::trace: break;
  }
  return "\x1b[2m";
}
constexpr std::string_view kPlain = "\x1b[0m";

// What somebody sent to a daemon must not move the cursor of a terminal.
std::string harmless(std::string text) {
  for (char& c : text) {
    c = is_control(c) ? '?' : c;
  }
  return text;
}

}  // namespace

std::string log_line(const nlohmann::json& line, bool colours) {
  logs::LogLine read{.time = line.value("time", ""),
                     .level = parse_level(line.value("level", "")).value_or(Level::info),
                     .component = line.value("component", ""),
                     .message = line.value("message", ""),
                     .facts = {}};
  const auto facts = line.value("facts", nlohmann::json::object());
  for (const auto& [key, value] : facts.items()) {
    read.facts.emplace_back(key, value.is_string() ? value.get<std::string>() : value.dump());
  }
  if (read.component.empty()) {
    return harmless(read.message) + "\n";
  }
  const std::string text = harmless(logs::format_line(read, LogFormat::text));
  const std::size_t end = text.find("] ", text.find("] [", text.find("] [") + 1) + 1);
  if (!colours || end == text.npos) {
    return text + "\n";
  }
  return fmt::format("{}{}{}{}\n", colour_of(read.level), text.substr(0, end + 1), kPlain,
                     text.substr(end + 1));
}

}  // namespace podplay::cli
