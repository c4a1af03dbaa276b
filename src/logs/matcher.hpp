// Decides which lines a search finds. Only its .cpp knows RE2: a pattern that somebody wrote takes
// time that grows with the text only, and memory within a limit.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/clock.hpp"
#include "base/log.hpp"
#include "base/result.hpp"
#include "logs/line.hpp"

namespace podplay::logs {

// What a line must have; what is empty is not asked for.
struct LineFilter {
  // "mail" is also "mail.postfix".
  std::string component{};
  // The component's last part: "postfix".
  std::string daemon{};
  // This severe, or more.
  std::optional<Level> level{};
  // From `since` on, before `until`.
  std::optional<WallTime> since{};
  std::optional<WallTime> until{};
  // The fact `request`.
  std::string request{};
  // Whole words of the line. Case does not count in addresses and users.
  std::string queue_id{};
  std::string message_id{};
  std::string address{};
  std::string user{};
  // Anywhere in the line, its head included.
  std::string text{};
  bool ignore_case = false;
  // RE2, anywhere in the line.
  std::string pattern{};
  // What the reader may see of a line: nothing, or the line, perhaps with parts of it hidden. All
  // other filters look at what the reader sees. Empty: all of every line.
  std::function<std::optional<std::string>(std::string_view line)> view{};
};

inline constexpr std::size_t kLongestFilterText = 500;

// May be used by many threads.
class Matcher {
 public:
  // Fails with a fault of `pattern`, or of a text that is too long.
  static Result<Matcher> make(LineFilter filter);
  Matcher(Matcher&&) noexcept;
  Matcher& operator=(Matcher&&) noexcept;
  ~Matcher();

  const LineFilter& filter() const { return filter_; }
  // As lines have times; empty: no bound.
  const std::string& since() const { return since_; }
  const std::string& until() const { return until_; }
  // The bits of the levels that may match (frame_index.hpp).
  std::uint8_t levels() const { return levels_; }
  // A frame that lacks one of these words has no match.
  const std::vector<std::uint64_t>& words() const { return words_; }

  // Where the first line that may match begins in `lines`, from `from` on, which is the begin of a
  // line; npos: there is none.
  std::size_t next_candidate(std::string_view lines, std::size_t from) const;
  // Whether the line matches, apart from what the reader may see. `time_before`: of a line without
  // a head.
  bool matches(std::string_view line, std::string_view time_before) const;
  // The line as its reader sees it; nothing when it is not to be shown.
  std::optional<std::string> seen(std::string_view line) const;

 private:
  struct Patterns;
  Matcher();
  // `whole`: the pattern, too.
  bool matches_texts(std::string_view line, bool whole) const;
  // A reader who does not see all of a line must not find out by a pattern what is hidden: of
  // "HIDDEN|b.*@example.com" one half is what they see, and the other what they guess. So patterns
  // are only tried on what is seen.
  bool tries_pattern_on_lines() const { return !filter_.view; }

  // Constant after make().
  LineFilter filter_;
  std::string since_;
  std::string until_;
  std::uint8_t levels_ = 0xff;
  std::vector<std::uint64_t> words_;
  // What next_candidate() looks for; empty: the patterns, or each line.
  std::string needle_;
  std::unique_ptr<Patterns> patterns_;
};

}  // namespace podplay::logs
