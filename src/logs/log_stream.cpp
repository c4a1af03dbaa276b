// What need not be read is skipped by the times of rotations, then by the index of frames.
#include "logs/log_stream.hpp"

#include <algorithm>
#include <limits>

namespace podplay::logs {
namespace {

// Bytes of lines that are looked at between two looks at the clock.
constexpr std::size_t kPiece = 128U << 10;
// A line may be written this much later than its time says.
constexpr std::chrono::seconds kLateWrite{60};
constexpr std::uint64_t kEnd = std::numeric_limits<std::uint64_t>::max();

// "20260131T120000123Z" as lines have it: "2026-01-31T12:00:00.123Z".
std::string line_time(std::string_view segment_time) {
  std::string time(segment_time);
  time.insert(15, ".").insert(13, ":").insert(11, ":").insert(6, "-").insert(4, "-");
  return time;
}

// Of the first line that has a head; empty: none has one.
std::string_view first_time(std::string_view lines) {
  for (std::size_t at = 0; at < lines.size();) {
    const std::size_t end = std::min(lines.find('\n', at), lines.size());
    if (const auto head = read_head(lines.substr(at, end - at))) {
      return head->time;
    }
    at = end + 1;
  }
  return {};
}

// The same of the last one.
std::string_view last_time(std::string_view lines) {
  for (std::size_t end = lines.size(); end > 0;) {
    const std::size_t text_end = lines[end - 1] == '\n' ? end - 1 : end;
    const std::size_t start = text_end == 0 ? lines.npos : lines.rfind('\n', text_end - 1);
    const std::size_t begin = start == lines.npos ? 0 : start + 1;
    if (const auto head = read_head(lines.substr(begin, text_end - begin))) {
      return head->time;
    }
    end = begin;
  }
  return {};
}

bool same_rotations(const std::vector<Segment>& a, const std::vector<Segment>& b) {
  return std::ranges::equal(
      a, b, [](const Segment& x, const Segment& y) { return x.log == y.log && x.time == y.time; });
}

}  // namespace

Result<FolderView> view_folder(const std::string& path, const std::string& log) {
  constexpr int kTries = 5;
  for (int i = 1;; ++i) {
    FolderView view{.path = path, .logs = {}};
    TRY(auto segments, list_segments(path));
    for (const Segment& segment : segments) {
      if (!log.empty() && segment.log != log) {
        continue;
      }
      FolderView::Log& one = view.logs[segment.log];
      if (segment.time.empty()) {
        one.current = std::make_shared<LogFile>(path + "/" + plain_name(segment));
      }
      one.segments.push_back(segment);
    }
    // What was opened is the current one, unless a log was rotated meanwhile.
    TRY(const auto again, list_segments(path));
    if (same_rotations(segments, again) || i == kTries) {
      for (auto& [name, one] : view.logs) {
        if (one.current && !one.current->is_open()) {
          one.current.reset();
          one.segments.pop_back();
        }
      }
      return view;
    }
  }
}

LogStream::LogStream(std::string name, std::string folder, FolderView::Log log, SearchOrder order,
                     const Matcher& matcher)
    : name_(std::move(name)),
      folder_(std::move(folder)),
      log_(std::move(log)),
      order_(order),
      matcher_(matcher),
      // Behind every time there is: it is looked at first.
      frontier_(order == SearchOrder::oldest_first ? "" : "~") {}

void LogStream::begin_at_end() {
  if (log_.segments.empty()) {
    done_ = true;
    return;
  }
  if (forwards() && !log_.current) {
    // Behind the last one, where the next current one will be.
    index_ = log_.segments.size();
    done_ = true;
    return;
  }
  go_to(log_.segments.size() - 1, kEnd);
}

void LogStream::begin_at(const LogPlace& place) {
  const auto& segments = log_.segments;
  // The current one has no time, and is the last.
  const auto is_before = [&](const Segment& segment) {
    if (segment.time.empty()) {
      return false;
    }
    return place.own.empty() ? segment.time <= place.after : segment.time < place.own;
  };
  const auto found = std::ranges::find_if_not(segments, is_before);
  const auto index = static_cast<std::size_t>(found - segments.begin());
  const bool exact = found != segments.end() && (place.own.empty() || found->time == place.own);
  if (exact) {
    go_to(index, place.offset);
  } else if (forwards()) {
    go_to(index, 0);
  } else if (index > 0) {
    go_to(index - 1, kEnd);
  } else {
    done_ = true;
  }
}

void LogStream::go_to(std::size_t index, std::uint64_t offset) {
  reader_.reset();
  block_ = {};
  low_ = high_ = 0;
  for (;;) {
    if (index >= log_.segments.size()) {
      index_ = log_.segments.size();
      offset_ = 0;
      done_ = true;
      return;
    }
    const Segment& segment = log_.segments[index];
    const std::string after = index == 0 ? std::string() : log_.segments[index - 1].time;
    if (!can_skip(segment, after)) {
      reader_ = segment.time.empty() ? SegmentReader::of_current(log_.current)
                                     : SegmentReader::open(folder_, segment);
    }
    index_ = index;
    if (reader_) {
      offset_ = std::min(offset, reader_->size());
      if (!forwards() && !segment.time.empty()) {
        frontier_ = std::min(frontier_, line_time(segment.time));
      }
      return;
    }
    // Nothing of it can match, or it is gone.
    if (!forwards() && index == 0) {
      offset_ = 0;
      done_ = true;
      return;
    }
    index = forwards() ? index + 1 : index - 1;
    offset = forwards() ? 0 : kEnd;
  }
}

void LogStream::leave_segment() {
  if (forwards()) {
    if (index_ + 1 >= log_.segments.size() && log_.current) {
      // The end of the current one.
      done_ = true;
      return;
    }
    go_to(index_ + 1, 0);
  } else if (index_ == 0) {
    done_ = true;
  } else {
    go_to(index_ - 1, kEnd);
  }
}

bool LogStream::can_skip(const Segment& segment, const std::string& after) const {
  // No line is written after the rotation.
  if (!segment.time.empty() && !matcher_.since().empty() &&
      line_time(segment.time) < matcher_.since()) {
    return true;
  }
  return !after.empty() && matcher_.filter().until && !segment.time.empty() &&
         line_time(after) >= to_rfc3339(*matcher_.filter().until + kLateWrite);
}

bool LogStream::may_match(const Frame& frame) const {
  if (!frame.first.empty() && ((!matcher_.since().empty() && frame.last < matcher_.since()) ||
                               (!matcher_.until().empty() && frame.first >= matcher_.until()))) {
    return false;
  }
  if (matcher_.filter().level && (frame.levels & matcher_.levels()) == 0) {
    return false;
  }
  return reader_->may_have_words(frame, matcher_.words());
}

// Goes to the next frame that may match. Returns false at the segment's end.
bool LogStream::skip_frames() {
  for (const Frame* frame = reader_->frame_at(offset_, !forwards()); frame != nullptr;
       frame = reader_->frame_at(offset_, !forwards())) {
    if (may_match(*frame)) {
      if (!frame->first.empty()) {
        frontier_ =
            forwards() ? std::max(frontier_, frame->first) : std::min(frontier_, frame->last);
      }
      return true;
    }
    offset_ = forwards() ? frame->raw_offset + frame->raw_size : frame->raw_offset;
  }
  return forwards() ? offset_ < reader_->size() : offset_ > 0;
}

void LogStream::load() {
  block_ = forwards() ? reader_->read_from(offset_) : reader_->read_before(offset_);
  low_ = 0;
  high_ = block_.lines.size();
  if (high_ == 0) {
    leave_segment();
  }
}

std::uint64_t LogStream::step() {
  if (done_) {
    return 0;
  }
  if (low_ < high_) {
    return scan();
  }
  const std::string before = frontier_;
  if (!skip_frames()) {
    leave_segment();
  } else if (frontier_ == before) {
    load();
  }
  // Otherwise another log may be the next one now, and this frame is never read.
  return 0;
}

std::uint64_t LogStream::scan() {
  const std::string_view lines(block_.lines);
  std::size_t begin = low_;
  std::size_t end = high_;
  if (forwards() && end - begin > kPiece) {
    const std::size_t stop = lines.find('\n', begin + kPiece);
    end = stop == lines.npos || stop >= high_ ? high_ : stop + 1;
  } else if (end - begin > kPiece) {
    const std::size_t stop = lines.rfind('\n', end - kPiece);
    begin = stop == lines.npos || stop < low_ ? low_ : stop + 1;
  }
  const std::string_view piece = lines.substr(begin, end - begin);
  take_matches(piece, block_.offset + begin);
  note_times(piece);
  if (forwards()) {
    low_ = end;
    offset_ = block_.offset + end;
  } else {
    high_ = begin;
    offset_ = block_.offset + begin;
  }
  return piece.size();
}

void LogStream::take_matches(std::string_view lines, std::uint64_t offset) {
  std::vector<Match> found;
  // Of the last line with a head before `looked`.
  std::string_view time;
  std::size_t looked = 0;
  for (std::size_t at = matcher_.next_candidate(lines, 0); at != lines.npos;
       at = matcher_.next_candidate(lines, at)) {
    const std::size_t end = std::min(lines.find('\n', at), lines.size());
    const std::string_view line = lines.substr(at, end - at);
    const auto head = read_head(line);
    // A line without a head belongs to the one before it.
    if (head) {
      time = head->time;
    } else if (const auto before = last_time(lines.substr(looked, at - looked)); !before.empty()) {
      time = before;
    }
    const std::size_t next = std::min(end + 1, lines.size());
    if (!line.empty() && matcher_.matches(line, time)) {
      if (auto seen = matcher_.seen(line)) {
        found.push_back({.offset = offset + at,
                         .size = next - at,
                         .time = time.empty() && frontier_ != "~" ? frontier_ : std::string(time),
                         .line = std::move(*seen)});
      }
    }
    at = looked = next;
  }
  if (!forwards()) {
    std::ranges::reverse(found);
  }
  std::ranges::move(found, std::back_inserter(matches_));
}

// The last line of the piece in the direction of the search tells how far the time has come.
void LogStream::note_times(std::string_view lines) {
  const std::string time(forwards() ? last_time(lines) : first_time(lines));
  if (time.empty()) {
    return;
  }
  frontier_ = forwards() ? std::max(frontier_, time) : std::min(frontier_, time);
  const bool past =
      forwards() ? !matcher_.until().empty() && time >= matcher_.until() : time < matcher_.since();
  done_ = done_ || past;
}

LogPlace LogStream::place() const {
  const auto& segments = log_.segments;
  LogPlace place{.after = {}, .own = {}, .offset = offset_};
  if (index_ > 0 && !segments.empty()) {
    place.after = segments[std::min(index_, segments.size()) - 1].time;
  }
  if (index_ < segments.size()) {
    place.own = segments[index_].time;
  }
  if (!matches_.empty()) {
    const Match& next = matches_.front();
    place.offset = forwards() ? next.offset : next.offset + next.size;
  }
  return place;
}

}  // namespace podplay::logs
