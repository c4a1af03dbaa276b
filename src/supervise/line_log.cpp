// Splits, rates, redacts and formats a daemon's lines. One line of a daemon is one line of the log:
// control characters are replaced, so that a client of a daemon cannot forge a line.
#include "supervise/line_log.hpp"

#include <nlohmann/json.hpp>

#include "base/ascii.hpp"
#include "base/control_character.hpp"
#include "base/json_text.hpp"
#include "base/severity.hpp"
#include "logs/redaction.hpp"

namespace podplay::supervise {
namespace {

// Bytes of a line that is kept as last words.
constexpr std::size_t kLongestKept = 500;
// Octets. A severity stands near the start of a line; later words are about something else.
constexpr std::size_t kSeverityWithin = 160;

// How many octets of `text` to keep: at most `most`, and no half of a character (RFC 3629).
std::size_t whole_characters(std::string_view text, std::size_t most) {
  if (text.size() <= most) {
    return text.size();
  }
  while (most > 0 && (static_cast<unsigned char>(text[most]) & 0xc0) == 0x80) {
    --most;
  }
  return most;
}

constexpr bool is_letter(char c) { return lower(c) >= 'a' && lower(c) <= 'z'; }

}  // namespace

Level severity_of(std::string_view line) {
  line = line.substr(0, kSeverityWithin);
  for (std::size_t at = line.find_first_of(":]"); at != line.npos;
       at = line.find_first_of(":]", at + 1)) {
    std::size_t begin = at;
    while (begin > 0 && is_letter(line[begin - 1])) {
      --begin;
    }
    const std::string_view word = line.substr(begin, at - begin);
    if (word.size() < 4 ||
        (begin > 0 && line[begin - 1] != ' ' && line[begin - 1] != ':' && line[begin - 1] != '[')) {
      continue;
    }
    if (const auto level = level_of_severity(word)) {
      return *level;
    }
  }
  return Level::info;
}

LineLog::LineLog(LineLogOptions options) : options_(std::move(options)) {}

void LineLog::feed(std::string_view bytes) {
  const std::string time = to_rfc3339(SystemClock{}.now());
  for (std::size_t end = bytes.find('\n'); end != bytes.npos; end = bytes.find('\n')) {
    if (partial_.empty()) {
      take_line(bytes.substr(0, end), time);
    } else {
      partial_.append(bytes.substr(0, end));
      take_line(partial_, time);
      partial_.clear();
    }
    bytes.remove_prefix(end + 1);
  }
  if (partial_.size() < kLongest) {
    partial_.append(bytes.substr(0, kLongest - partial_.size()));
  }
  flush();
}

void LineLog::end() {
  if (partial_.empty()) {
    return;
  }
  take_line(partial_, to_rfc3339(SystemClock{}.now()));
  partial_.clear();
  flush();
}

void LineLog::take_line(std::string_view line, std::string_view time) {
  while (!line.empty() && (line.back() == '\r' || line.back() == ' ')) {
    line.remove_suffix(1);
  }
  if (line.empty()) {
    return;
  }
  line = line.substr(0, kLongest);
  DaemonLine read = options_.read_line != nullptr ? options_.read_line(line)
                                                  : DaemonLine{{}, severity_of(line), line};
  if (read.counted != nullptr && options_.count) {
    options_.count(*read.counted);
  }
  const Level least = options_.level->load(std::memory_order_relaxed);
  if (read.level > least && read.level > Level::info) {
    return;
  }
  // Before any sink, the last words among them.
  redacted_.clear();
  if (logs::redact_into(read.message, redacted_)) {
    read.message = redacted_;
    line = redacted_;
  }
  // Lines below INFO are about probes and details. They do not say why a daemon ended.
  if (read.level <= Level::info) {
    kept_[lines_++ % kKept].assign(line.substr(0, whole_characters(line, kLongestKept)));
  }
  if (read.level > least) {
    return;
  }
  Place& place = place_of(read.log);
  // Sinks add a newline behind the last line.
  if (!batch_.empty()) {
    batch_ += '\n';
  }
  const std::size_t begin = batch_.size();
  append(place, read, time);
  if (!place.file) {
    return;
  }
  if (!place.batch.empty()) {
    place.batch += '\n';
  }
  place.batch.append(batch_, begin);
}

LineLog::Place& LineLog::place_of(std::string_view name) {
  if (name.empty()) {
    name = options_.daemon;
  }
  for (Place& place : places_) {
    if (place.name == name) {
      return place;
    }
  }
  const std::string own(name);
  places_.push_back({.name = own,
                     .component = options_.service + "." + own,
                     .file = options_.file ? options_.file(own) : nullptr,
                     .batch = {}});
  return places_.back();
}

void LineLog::append(const Place& place, const DaemonLine& line, std::string_view time) {
  const std::string request = line.own_work && options_.request ? options_.request->id() : "";
  if (options_.format == LogFormat::json) {
    // Only the words of the daemon need escapes.
    batch_.append(R"({"time":")").append(time);
    batch_.append(R"(","level":")").append(level_name(line.level));
    batch_.append(R"(","component":")").append(place.component);
    batch_.append(R"(","message":)").append(json_text(nlohmann::json(line.message)));
    if (!request.empty()) {
      batch_.append(R"(,"request":)").append(json_text(nlohmann::json(request)));
    }
    batch_ += '}';
    return;
  }
  append_line_head(batch_, time, line.level, place.component);
  for (const char c : line.message) {
    batch_ += is_control(c) && c != '\t' ? '?' : c;
  }
  append_fact(batch_, "request", request);
}

void LineLog::flush() {
  const auto write = [](const std::shared_ptr<LogSink>& sink, const std::string& batch) {
    if (!batch.empty()) {
      sink->write(batch);
    }
  };
  const auto empty = [](std::string& batch) {
    batch.clear();
    if (batch.capacity() > (256U << 10)) {
      batch.shrink_to_fit();
    }
  };
  for (const auto& sink : options_.sinks) {
    write(sink, batch_);
  }
  for (Place& place : places_) {
    if (place.file) {
      write(place.file, place.batch);
    }
    empty(place.batch);
  }
  empty(batch_);
}

std::string LineLog::last_words() const {
  std::string words;
  for (std::uint64_t i = lines_ > kKept ? lines_ - kKept : 0; i < lines_; ++i) {
    words.append(words.empty() ? "" : "\n").append(kept_[i % kKept]);
  }
  return words;
}

}  // namespace podplay::supervise
