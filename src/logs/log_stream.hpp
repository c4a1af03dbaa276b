// One log of a search: its segments as one run of lines, read in one direction, in small steps. A
// place in it is named by times of rotation and an offset in lines, never by a file's name, so it
// stays right when the segment is rotated and sealed.
#pragma once

#include <deque>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "logs/search.hpp"
#include "logs/segment_reader.hpp"

namespace podplay::logs {

// Between two lines.
struct LogPlace {
  // The rotation before the segment; empty: there was none.
  std::string after{};
  // The segment's own rotation; empty: it was the current one.
  std::string own{};
  std::uint64_t offset = 0;
};

// The logs of one folder as they were at one moment.
struct FolderView {
  struct Log {
    std::vector<Segment> segments;
    // nullptr: there is no current one.
    std::shared_ptr<LogFile> current;
  };
  std::string path;
  std::map<std::string, Log> logs;
};
// Looks again when a log was rotated meanwhile. `log`: only this one; empty: all.
Result<FolderView> view_folder(const std::string& path, const std::string& log);

class LogStream {
 public:
  struct Match {
    std::uint64_t offset = 0;
    std::uint64_t size = 0;
    std::string time;
    std::string line;
  };

  // `name` is "mail/postfix". `matcher` outlives it.
  LogStream(std::string name, std::string folder, FolderView::Log log, SearchOrder order,
            const Matcher& matcher);
  // Call one of both first.
  void begin_at_end();
  void begin_at(const LogPlace& place);
  void begin_at_start() { go_to(0, 0); }

  const std::string& name() const { return name_; }
  // No line is left.
  bool is_done() const { return matches_.empty() && done_; }
  // The time of the next match; while it is not known, a time that it cannot be before (oldest
  // first) or after (newest first).
  const std::string& next_time() const {
    return matches_.empty() ? frontier_ : matches_.front().time;
  }
  bool has_match() const { return !matches_.empty(); }
  const Match& match() const { return matches_.front(); }
  void drop_match() { matches_.pop_front(); }
  // Looks at a small piece of the log. Returns how many bytes of lines.
  std::uint64_t step();
  // Of everything that was dropped or did not match.
  LogPlace place() const;

 private:
  bool forwards() const { return order_ == SearchOrder::oldest_first; }
  // Opens segment `index`; an `offset` behind its end is its end.
  void go_to(std::size_t index, std::uint64_t offset);
  void leave_segment();
  bool can_skip(const Segment& segment, const std::string& after) const;
  bool may_match(const Frame& frame) const;
  bool skip_frames();
  void load();
  std::uint64_t scan();
  void take_matches(std::string_view lines, std::uint64_t offset);
  void note_times(std::string_view lines);

  // Constant after construction.
  const std::string name_;
  const std::string folder_;
  const FolderView::Log log_;
  const SearchOrder order_;
  const Matcher& matcher_;

  std::size_t index_ = 0;
  std::unique_ptr<SegmentReader> reader_;
  // In the segment: what is next.
  std::uint64_t offset_ = 0;
  // Lines that are read and not looked at yet: those of block_ from low_ to high_.
  SegmentReader::Block block_;
  std::size_t low_ = 0;
  std::size_t high_ = 0;
  std::deque<Match> matches_;
  std::string frontier_;
  bool done_ = false;
};

}  // namespace podplay::logs
