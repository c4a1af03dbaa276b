// Looks for lines in the logs below a folder, the newest or the oldest first, in all segments in
// whatever state they are. Reads only frames that may have what is looked for. A search has a
// deadline: what was found until then is returned, with where to go on.
#pragma once

#include <chrono>
#include <cstdint>
#include <string>
#include <vector>

#include "logs/matcher.hpp"

namespace podplay::logs {

enum class SearchOrder { newest_first, oldest_first };

struct LogSearch {
  // The folder of the folders: "/data/logs".
  std::string root{};
  // "mail", "apache" and so on.
  std::vector<std::string> folders{};
  // Only this log of each folder, such as "postfix"; empty: all.
  std::string log{};
  LineFilter filter{};
  SearchOrder order = SearchOrder::newest_first;
  std::size_t limit = 100;
  // Where an earlier search of the same order ended; empty: from the beginning. It stays right when
  // logs are rotated, sealed and removed meanwhile.
  std::string cursor{};
  // At least a piece of the logs is looked at, however late it is.
  std::chrono::steady_clock::time_point deadline = std::chrono::steady_clock::time_point::max();
};

struct FoundLine {
  // "mail/postfix"
  std::string log;
  LogLine line;
};

struct FoundLines {
  std::vector<FoundLine> lines;
  // Where to go on: behind the last line that was returned.
  std::string cursor;
  // The deadline came first. There may be more lines, also if none was found yet.
  bool cut = false;
  // The limit was reached, or the search was cut.
  bool more = false;
  // Bytes of lines that were looked at.
  std::uint64_t scanned = 0;
};

// Fails with "bad_cursor", and as Matcher::make does. A line that stands in two logs of a folder is
// found once.
Result<FoundLines> search(const LogSearch& asked);

// The cursor behind the last line that is there now, for a search with the oldest first.
Result<std::string> end_of_logs(const LogSearch& asked);
// The same place for a search with the newest first: the lines before it.
std::string backwards_from(const std::string& end);

// Fails with "bad_cursor" unless search() takes the cursor.
Status check_cursor(const std::string& cursor, SearchOrder order);

}  // namespace podplay::logs
