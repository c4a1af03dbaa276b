// Formats log lines. One call is one line: line ends inside a sentence or a value are escaped, so
// that no value can forge a line.
#include "base/log.hpp"

#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cctype>
#include <cstdio>
#include <mutex>
#include <nlohmann/json.hpp>

#include "base/control_character.hpp"
#include "base/json_text.hpp"

namespace podplay {
namespace {

constexpr std::array<std::string_view, 5> kLevelNames{"ERROR", "WARN", "INFO", "DEBUG", "TRACE"};

// Appends a value with its control characters and quotes escaped, in quotes when it has blanks.
void append_value(std::string& line, std::string_view value) {
  const bool quote =
      std::ranges::any_of(value, [](char c) { return c == ' ' || c == '"' || c == '='; });
  if (quote) {
    line += '"';
  }
  for (const char c : value) {
    if (c == '\n') {
      line += "\\n";
    } else if (c == '\r') {
      line += "\\r";
    } else if (c == '\t') {
      line += "\\t";
    } else if (c == '"' || c == '\\') {
      (line += '\\') += c;
    } else if (is_control(c)) {
      line += fmt::format("\\x{:02x}", static_cast<unsigned char>(c));
    } else {
      line += c;
    }
  }
  if (quote) {
    line += '"';
  }
}

class StdoutSink final : public LogSink {
 public:
  void write(std::string_view line) override {
    std::string whole(line);
    whole += '\n';
    const std::scoped_lock lock(mutex_);
    std::string_view rest = whole;
    while (!rest.empty()) {
      const ssize_t written = ::write(STDOUT_FILENO, rest.data(), rest.size());
      if (written < 0 && errno == EINTR) {
        continue;
      }
      // When standard output is closed, there is no place left to complain.
      if (written < 0) {
        return;
      }
      rest.remove_prefix(static_cast<std::size_t>(written));
    }
  }

 private:
  // Guards standard output: each line is written whole.
  std::mutex mutex_;
};

}  // namespace

Result<Level> parse_level(std::string_view text) {
  for (std::size_t i = 0; i < kLevelNames.size(); ++i) {
    if (std::ranges::equal(text, kLevelNames[i], [](char a, char b) {
          return std::toupper(static_cast<unsigned char>(a)) == b;
        })) {
      return static_cast<Level>(i);
    }
  }
  return fail(ErrorKind::invalid, "bad_level", fmt::format("'{}' is not a log level", text),
              "use ERROR, WARN, INFO, DEBUG or TRACE");
}

std::string_view level_name(Level level) { return kLevelNames[static_cast<std::size_t>(level)]; }

std::shared_ptr<LogSink> make_stdout_sink() { return std::make_shared<StdoutSink>(); }

void append_line_head(std::string& line, std::string_view time, Level level,
                      std::string_view component) {
  line.append("[")
      .append(time)
      .append("] [")
      .append(level_name(level))
      .append("] [")
      .append(component)
      .append("] ");
}

void append_fact(std::string& line, std::string_view key, std::string_view value) {
  if (value.empty()) {
    return;
  }
  line.append(" ").append(key).append("=");
  append_value(line, value);
}

SharedLevel share_level(Level level) { return std::make_shared<std::atomic<Level>>(level); }

Logger::Logger(std::vector<std::shared_ptr<LogSink>> sinks, std::string component, Level level,
               LogFormat format)
    : Logger(std::move(sinks), std::move(component), share_level(level), format) {}

Logger::Logger(std::vector<std::shared_ptr<LogSink>> sinks, std::string component,
               SharedLevel level, LogFormat format)
    : component_(std::move(component)), level_(std::move(level)), format_(format) {
  for (auto& sink : sinks) {
    places_.push_back({std::move(sink), Level::trace});
  }
}

Logger Logger::child(std::string_view name) const {
  return with_component(fmt::format("{}.{}", component_, name));
}

Logger Logger::with_component(std::string component) const {
  Logger copy = *this;
  copy.component_ = std::move(component);
  return copy;
}

Logger Logger::with_sink(std::shared_ptr<LogSink> extra, Level least) const {
  Logger copy = *this;
  copy.places_.push_back({std::move(extra), least});
  return copy;
}

Logger Logger::with_fact(std::string key, std::string value) const {
  Logger copy = *this;
  copy.facts_.emplace_back(std::move(key), std::move(value));
  return copy;
}

void Logger::log(Level level, std::string_view sentence, std::initializer_list<Fact> facts) const {
  if (!enabled(level) || places_.empty()) {
    return;
  }
  const std::string time = to_rfc3339(SystemClock{}.now());
  std::string line;
  if (format_ == LogFormat::json) {
    nlohmann::ordered_json object{{"time", time},
                                  {"level", level_name(level)},
                                  {"component", component_},
                                  {"message", sentence}};
    // A fact does not take the place of the head.
    for (const auto& [key, value] : facts_) {
      object.emplace(key, value);
    }
    for (const Fact& fact : facts) {
      if (!fact.value.empty()) {
        object.emplace(std::string(fact.key), fact.value);
      }
    }
    line = json_text(object);
  } else {
    line.reserve(160);
    append_line_head(line, time, level, component_);
    for (const char c : sentence) {
      line += c == '\n' || c == '\r' ? ' ' : c;
    }
    for (const auto& [key, value] : facts_) {
      append_fact(line, key, value);
    }
    for (const Fact& fact : facts) {
      append_fact(line, fact.key, fact.value);
    }
  }
  for (const Place& place : places_) {
    if (level <= place.least) {
      place.sink->write(line);
    }
  }
}

Logger silent_logger() { return Logger({}, "silent", Level::error, LogFormat::text); }

}  // namespace podplay
