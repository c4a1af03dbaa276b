// The logs are merged by time: the one whose next line is the earliest (or the latest) is looked at
// next, a small piece at a time. So a log that nobody asks a line of is hardly read.
#include "logs/search.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "base/numbers.hpp"
#include "logs/log_stream.hpp"

namespace podplay::logs {
namespace {

constexpr std::size_t kLongestCursor = 16U << 10;

std::unexpected<Error> bad_cursor() {
  return fail_faults({{.field = "cursor",
                       .code = "bad_cursor",
                       .message = "the cursor is not one of this list",
                       .remedy = "use `next` of the answer before, with the same order"}});
}

// --- cursors: "n" or "o", then .FOLDER~LOG~AFTER~OWN~OFFSET for each log. Rotations are numbers in
// base 36. All of it can stand in a URL as it is.

std::string pack_number(std::uint64_t number) {
  constexpr std::string_view kDigits = "0123456789abcdefghijklmnopqrstuvwxyz";
  std::string text;
  do {
    text.insert(text.begin(), kDigits[number % 36]);
    number /= 36;
  } while (number > 0);
  return text;
}

// "20260131T120000123Z"; empty is "".
std::string pack_time(const std::string& time) {
  std::string digits = time;
  std::erase_if(digits, [](char c) { return c < '0' || c > '9'; });
  const auto number = parse_number<std::uint64_t>(digits);
  return number ? pack_number(*number) : std::string();
}

bool unpack_time(std::string_view text, std::string& time) {
  if (text.empty()) {
    return true;
  }
  const auto number = parse_number<std::uint64_t>(text, 36);
  std::string digits = number ? fmt::format("{:017}", *number) : std::string();
  if (digits.size() != 17) {
    return false;
  }
  time = digits.insert(8, "T") + "Z";
  return true;
}

// Takes what stands before `end` off the front of `rest`.
std::string_view take_part(std::string_view& rest, char end) {
  const std::string_view part = rest.substr(0, rest.find(end));
  rest.remove_prefix(std::min(rest.size(), part.size() + 1));
  return part;
}

char order_mark(SearchOrder order) { return order == SearchOrder::newest_first ? 'n' : 'o'; }

std::string write_place(const std::string& name, const LogPlace& place) {
  std::string log = name;
  std::ranges::replace(log, '/', '~');
  return fmt::format(".{}~{}~{}~{}", log, pack_time(place.after), pack_time(place.own),
                     pack_number(place.offset));
}

Result<std::map<std::string, LogPlace>> read_cursor(std::string_view cursor, SearchOrder order) {
  std::map<std::string, LogPlace> places;
  if (cursor.empty() || cursor.size() > kLongestCursor || cursor.front() != order_mark(order)) {
    return bad_cursor();
  }
  cursor.remove_prefix(std::min<std::size_t>(cursor.size(), 2));
  while (!cursor.empty()) {
    std::string_view one = take_part(cursor, '.');
    const std::string folder(take_part(one, '~'));
    const std::string log(take_part(one, '~'));
    LogPlace place;
    const bool after = unpack_time(take_part(one, '~'), place.after);
    const bool own = unpack_time(take_part(one, '~'), place.own);
    const auto offset = parse_number<std::uint64_t>(one, 36);
    if (folder.empty() || log.empty() || !after || !own || !offset) {
      return bad_cursor();
    }
    place.offset = *offset;
    places[fmt::format("{}/{}", folder, log)] = place;
  }
  return places;
}

using Streams = std::vector<std::unique_ptr<LogStream>>;

std::string write_cursor(const Streams& streams, SearchOrder order) {
  std::string cursor(1, order_mark(order));
  for (const auto& stream : streams) {
    // With the newest first, a log that is not named has no line before.
    if (order == SearchOrder::oldest_first || !stream->is_done()) {
      cursor += write_place(stream->name(), stream->place());
    }
  }
  return cursor;
}

Result<Streams> open_streams(const LogSearch& asked, const Matcher& matcher, bool at_end) {
  std::map<std::string, LogPlace> places;
  if (!asked.cursor.empty()) {
    TRY(places, read_cursor(asked.cursor, asked.order));
  }
  Streams streams;
  for (const std::string& folder : asked.folders) {
    const std::string path = asked.root + "/" + folder;
    TRY(auto view, view_folder(path, asked.log));
    for (auto& [log, one] : view.logs) {
      const std::string name = folder + "/" + log;
      auto stream = std::make_unique<LogStream>(name, path, std::move(one), asked.order, matcher);
      const auto place = places.find(name);
      if (place != places.end()) {
        stream->begin_at(place->second);
      } else if (asked.order == SearchOrder::oldest_first && !at_end) {
        stream->begin_at_start();
      } else if (asked.cursor.empty()) {
        stream->begin_at_end();
      } else {
        // The log is younger than the cursor.
        continue;
      }
      streams.push_back(std::move(stream));
    }
  }
  return streams;
}

// The stream whose line is next; nullptr: all are done.
LogStream* next_stream(const Streams& streams, SearchOrder order) {
  LogStream* best = nullptr;
  for (const auto& stream : streams) {
    if (stream->is_done()) {
      continue;
    }
    const bool earlier = best != nullptr && stream->next_time() < best->next_time();
    const bool later = best != nullptr && stream->next_time() > best->next_time();
    if (best == nullptr || (order == SearchOrder::oldest_first ? earlier : later)) {
      best = stream.get();
    }
  }
  return best;
}

// Knows the lines of the last time that was found, so that one which stands in two logs of a folder
// is found once.
class Twins {
 public:
  bool has(const std::string& log, const LogStream::Match& match) const {
    return match.time == time_ && std::ranges::any_of(lines_, [&](const auto& line) {
             return line.first != log && folder_of(line.first) == folder_of(log) &&
                    line.second == match.line;
           });
  }
  void add(const std::string& log, const LogStream::Match& match) {
    if (match.time != time_) {
      lines_.clear();
      time_ = match.time;
    }
    // More lines of one millisecond are not compared.
    if (lines_.size() < 64) {
      lines_.emplace_back(log, match.line);
    }
  }

 private:
  static std::string_view folder_of(std::string_view log) { return log.substr(0, log.find('/')); }
  std::string time_;
  std::vector<std::pair<std::string, std::string>> lines_;
};

FoundLine found_line(const std::string& log, const LogStream::Match& match) {
  auto line = parse_line(match.line);
  if (!line) {
    return {.log = log,
            .line = {.time = match.time,
                     .level = Level::info,
                     .component = {},
                     .message = match.line,
                     .facts = {}}};
  }
  return {.log = log, .line = std::move(*line)};
}

}  // namespace

Result<FoundLines> search(const LogSearch& asked) {
  TRY(const auto matcher, Matcher::make(asked.filter));
  TRY(const auto streams, open_streams(asked, matcher, false));
  FoundLines found;
  Twins twins;
  bool begun = false;
  for (;;) {
    LogStream* const next = next_stream(streams, asked.order);
    if (next == nullptr) {
      break;
    }
    if (next->has_match()) {
      const LogStream::Match& match = next->match();
      const bool twin = twins.has(next->name(), match);
      if (!twin && found.lines.size() == asked.limit) {
        found.more = true;
        break;
      }
      if (!twin) {
        twins.add(next->name(), match);
        found.lines.push_back(found_line(next->name(), match));
      }
      next->drop_match();
      continue;
    }
    if (found.lines.size() == asked.limit) {
      found.more = true;
      break;
    }
    if (begun && std::chrono::steady_clock::now() >= asked.deadline) {
      found.cut = found.more = true;
      break;
    }
    const std::uint64_t scanned = next->step();
    found.scanned += scanned;
    begun = begun || scanned > 0;
  }
  found.cursor = write_cursor(streams, asked.order);
  return found;
}

Result<std::string> end_of_logs(const LogSearch& asked) {
  TRY(const auto matcher, Matcher::make({}));
  LogSearch all = asked;
  all.order = SearchOrder::oldest_first;
  all.cursor.clear();
  TRY(const auto streams, open_streams(all, matcher, true));
  return write_cursor(streams, SearchOrder::oldest_first);
}

Status check_cursor(const std::string& cursor, SearchOrder order) {
  TRY(read_cursor(cursor, order));
  return {};
}

std::string backwards_from(const std::string& end) {
  return order_mark(SearchOrder::newest_first) + end.substr(std::min<std::size_t>(end.size(), 1));
}

}  // namespace podplay::logs
