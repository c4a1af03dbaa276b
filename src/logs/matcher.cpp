// The rarest thing that a filter asks for is looked for in many lines at once; each line in which
// it stands is then read.
#include "logs/matcher.hpp"

#ifdef PODPLAY_ABSL
#include <absl/synchronization/mutex.h>
#endif
#include <fmt/format.h>
#include <re2/re2.h>
#include <re2/stringpiece.h>

#include <algorithm>
#include <array>
#include <cstring>

#include "logs/frame_index.hpp"

namespace podplay::logs {
namespace {

// Bytes, of a pattern's machine.
constexpr int kMostPattern = 1 << 20;

// Debian's absl, whose locks RE2 has, looks for deadlocks, for which the first lock keeps 1 MiB.
void expect_no_deadlock() {
#ifdef PODPLAY_ABSL
  absl::SetMutexDeadlockDetectionMode(absl::OnDeadlockCycle::kIgnore);
#endif
}

RE2::Options pattern_options(bool ignore_case, bool literal) {
  RE2::Options options;
  options.set_log_errors(false);
  options.set_max_mem(kMostPattern);
  options.set_never_nl(true);
  options.set_case_sensitive(!ignore_case);
  options.set_literal(literal);
  return options;
}

bool is_edge(char c) { return c == '.' || c == '-' || c == '_' || c == '+'; }

// Whether the word at `at` is no part of a longer one. The same rule as that of
// for_each_indexed_word(): a sentence may end behind a word.
bool stands_alone(std::string_view line, std::size_t at, std::size_t size) {
  for (std::size_t i = at; i > 0 && is_word_octet(line[i - 1]); --i) {
    if (!is_edge(line[i - 1])) {
      return false;
    }
  }
  for (std::size_t i = at + size; i < line.size() && is_word_octet(line[i]); ++i) {
    if (!is_edge(line[i])) {
      return false;
    }
  }
  return true;
}

bool has_word(std::string_view line, std::string_view word) {
  for (std::size_t at = line.find(word); at != line.npos; at = line.find(word, at + 1)) {
    if (stands_alone(line, at, word.size())) {
      return true;
    }
  }
  return false;
}

bool is_below(std::string_view component, std::string_view asked) {
  return component.starts_with(asked) &&
         (component.size() == asked.size() || component[asked.size()] == '.');
}

// Debian 12's RE2 has a type of its own, Debian 13's is that of absl; this name is in both.
re2::StringPiece piece_of(std::string_view text) { return {text.data(), text.size()}; }

}  // namespace

struct Matcher::Patterns {
  // Any of them may be missing.
  std::unique_ptr<RE2> address;
  std::unique_ptr<RE2> user;
  std::unique_ptr<RE2> text;
  std::unique_ptr<RE2> pattern;
  // The one that next_candidate() looks for.
  const RE2* first = nullptr;
};

Matcher::Matcher() : patterns_(std::make_unique<Patterns>()) {}
Matcher::Matcher(Matcher&&) noexcept = default;
Matcher& Matcher::operator=(Matcher&&) noexcept = default;
Matcher::~Matcher() = default;

Result<Matcher> Matcher::make(LineFilter filter) {
  struct Text {
    const char* field;
    const std::string& text;
  };
  std::vector<Fault> faults;
  for (const Text& one :
       {Text{"request", filter.request}, Text{"queue_id", filter.queue_id},
        Text{"message_id", filter.message_id}, Text{"address", filter.address},
        Text{"user", filter.user}, Text{"text", filter.text}, Text{"pattern", filter.pattern},
        Text{"component", filter.component}, Text{"daemon", filter.daemon}}) {
    if (one.text.size() > kLongestFilterText) {
      faults.push_back({.field = one.field,
                        .code = "too_long",
                        .message = fmt::format("{} has {} octets", one.field, one.text.size()),
                        .remedy = fmt::format("use at most {}", kLongestFilterText)});
    }
  }
  TRY(no_faults(std::move(faults)));
  expect_no_deadlock();
  Matcher made;
  Patterns& patterns = *made.patterns_;
  const auto literal = [](const std::string& text) {
    return text.empty() ? nullptr : std::make_unique<RE2>(text, pattern_options(true, true));
  };
  patterns.address = literal(filter.address);
  patterns.user = literal(filter.user);
  patterns.text = filter.ignore_case ? literal(filter.text) : nullptr;
  if (!filter.pattern.empty()) {
    patterns.pattern =
        std::make_unique<RE2>("(?m)" + filter.pattern, pattern_options(filter.ignore_case, false));
    if (!patterns.pattern->ok()) {
      return fail_faults(
          {{.field = "pattern",
            .code = "bad_pattern",
            .message = fmt::format("the pattern cannot be used: {}", patterns.pattern->error()),
            .remedy = "write it in RE2's syntax, and shorter if it is too large; "
                      "`text` looks for plain text"}});
    }
  }
  // \A and \z are the ends of one line, so they cannot be looked for in many.
  const bool of_one_line = filter.pattern.find("\\A") != filter.pattern.npos ||
                           filter.pattern.find("\\z") != filter.pattern.npos;
  for (const RE2* one : {patterns.address.get(), patterns.user.get(), patterns.text.get(),
                         of_one_line || filter.view ? nullptr : patterns.pattern.get()}) {
    patterns.first = patterns.first == nullptr ? one : patterns.first;
  }
  for (const std::string* id :
       {&filter.request, &filter.queue_id, &filter.message_id, &filter.address, &filter.user}) {
    const auto words = word_hashes(*id);
    made.words_.insert(made.words_.end(), words.begin(), words.end());
  }
  for (const std::string* text : {&filter.request, &filter.queue_id, &filter.message_id}) {
    made.needle_ = made.needle_.empty() ? *text : made.needle_;
  }
  if (made.needle_.empty() && !filter.ignore_case) {
    made.needle_ = filter.text;
  }
  made.since_ = filter.since ? to_rfc3339(*filter.since) : std::string();
  made.until_ = filter.until ? to_rfc3339(*filter.until) : std::string();
  if (filter.level) {
    made.levels_ = 0;
    for (const Level level : {Level::error, Level::warn, Level::info, Level::debug, Level::trace}) {
      made.levels_ |= level <= *filter.level ? level_bit(level) : std::uint8_t{0};
    }
  }
  made.filter_ = std::move(filter);
  return made;
}

std::size_t Matcher::next_candidate(std::string_view lines, std::size_t from) const {
  if (from >= lines.size()) {
    return lines.npos;
  }
  std::size_t found = from;
  if (!needle_.empty()) {
    found = lines.find(needle_, from);
  } else if (patterns_->first != nullptr) {
    re2::StringPiece hit;
    const bool any =
        patterns_->first->Match(piece_of(lines), from, lines.size(), RE2::UNANCHORED, &hit, 1);
    found = any ? static_cast<std::size_t>(hit.data() - lines.data()) : lines.npos;
  }
  if (found == lines.npos || found == from) {
    return found;
  }
  // An empty match behind the last line's end.
  if (found == lines.size() && lines.back() == '\n') {
    return lines.npos;
  }
  const std::size_t end = lines.rfind('\n', found - 1);
  return end == lines.npos || end < from ? from : end + 1;
}

bool Matcher::matches(std::string_view line, std::string_view time_before) const {
  const auto head = read_head(line);
  const std::string_view time = head ? head->time : time_before;
  if ((!since_.empty() && time < since_) || (!until_.empty() && time >= until_)) {
    return false;
  }
  if (!head) {
    const bool asks_head = filter_.level || !filter_.component.empty() || !filter_.daemon.empty();
    return !asks_head && matches_texts(line, tries_pattern_on_lines());
  }
  if ((levels_ & level_bit(head->level)) == 0) {
    return false;
  }
  if (!filter_.component.empty() && !is_below(head->component, filter_.component)) {
    return false;
  }
  if (!filter_.daemon.empty() &&
      head->component.substr(head->component.rfind('.') + 1) != filter_.daemon) {
    return false;
  }
  return matches_texts(line, tries_pattern_on_lines());
}

bool Matcher::matches_texts(std::string_view line, bool whole) const {
  const auto has = [&](const RE2* pattern) -> bool {
    return pattern == nullptr ||
           pattern->Match(piece_of(line), 0, line.size(), RE2::UNANCHORED, nullptr, 0);
  };
  // The whole word, in any case.
  const auto has_name = [&](const RE2* name) {
    std::size_t at = 0;
    re2::StringPiece hit;
    while (name != nullptr && at < line.size() &&
           name->Match(piece_of(line), at, line.size(), RE2::UNANCHORED, &hit, 1)) {
      const auto begin = static_cast<std::size_t>(hit.data() - line.data());
      if (stands_alone(line, begin, hit.size())) {
        return true;
      }
      at = begin + 1;
    }
    return name == nullptr;
  };
  if (!filter_.queue_id.empty() && !has_word(line, filter_.queue_id)) {
    return false;
  }
  if (!filter_.message_id.empty() && !has_word(line, filter_.message_id)) {
    return false;
  }
  if (!filter_.text.empty() && !filter_.ignore_case && line.find(filter_.text) == line.npos) {
    return false;
  }
  if (!has_name(patterns_->address.get()) || !has_name(patterns_->user.get()) ||
      !has(patterns_->text.get()) || (whole && !has(patterns_->pattern.get()))) {
    return false;
  }
  if (!filter_.request.empty()) {
    const auto parsed = parse_line(line);
    return parsed && parsed->fact("request") == filter_.request;
  }
  return true;
}

std::optional<std::string> Matcher::seen(std::string_view line) const {
  if (!filter_.view) {
    return std::string(line);
  }
  auto shown = filter_.view(line);
  if (!shown || !matches_texts(*shown, true)) {
    return std::nullopt;
  }
  return shown;
}

}  // namespace podplay::logs
