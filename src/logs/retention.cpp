// A segment is one file or several of one stamp; they go together.
#include "logs/retention.hpp"

#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <filesystem>
#include <map>
#include <vector>

#include "logs/segment.hpp"

namespace podplay::logs {
namespace fs = std::filesystem;
namespace {

// A segment is named by its time and its log, so that the oldest come first.
struct OldSegment {
  std::vector<std::string> paths;
  std::int64_t bytes = 0;
};
using OldSegments = std::map<std::string, OldSegment>;

void add_file(OldSegments& segments, const std::string& key, const std::string& path) {
  struct stat info{};
  if (::lstat(path.c_str(), &info) == 0 && S_ISREG(info.st_mode)) {
    segments[key].paths.push_back(path);
    segments[key].bytes += info.st_size;
  }
}

// Earlier versions named old files NAME.log.TIME.gz.
void add_earlier_form(OldSegments& segments, const std::string& folder) {
  std::error_code error;
  for (fs::directory_iterator at(folder, error), end; !error && at != end; at.increment(error)) {
    const std::string file = at->path().filename().string();
    struct stat info{};
    if (file.find(".log.2") != file.npos && file.ends_with(".gz") &&
        ::lstat(at->path().c_str(), &info) == 0) {
      add_file(segments, segment_time(from_millis(info.st_mtime * 1000)) + " " + file,
               at->path().string());
    }
  }
}

}  // namespace

std::string segment_time(WallTime time) {
  std::string text;
  // 2026-01-31T12:00:00.123Z without what separates its numbers.
  for (const char c : to_rfc3339(time)) {
    if (c != '-' && c != ':' && c != '.') {
      text += c;
    }
  }
  return text;
}

void drop_old_segments(const std::string& folder, const Keep& keep, WallTime now) {
  const auto all = list_segments(folder);
  if (!all) {
    return;
  }
  OldSegments segments;
  for (const Segment& segment : *all) {
    if (segment.time.empty()) {
      continue;
    }
    const std::string key = segment.time + " " + segment.log;
    for (const std::string& file :
         {plain_name(segment), sealed_name(segment), index_name(segment)}) {
      add_file(segments, key, folder + "/" + file);
    }
  }
  add_earlier_form(segments, folder);
  std::int64_t total = 0;
  for (const auto& [key, segment] : segments) {
    total += segment.bytes;
  }
  const std::string oldest = segment_time(now - std::chrono::days(keep.days));
  for (const auto& [key, segment] : segments) {
    if (key >= oldest && total <= keep.bytes) {
      return;
    }
    for (const std::string& path : segment.paths) {
      ::unlink(path.c_str());
    }
    total -= segment.bytes;
  }
}

}  // namespace podplay::logs
