// A file whose name has another shape is no segment, and is left alone.
#include "logs/segment.hpp"

#include <dirent.h>
#include <fmt/format.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <map>
#include <memory>
#include <tuple>

namespace podplay::logs {
namespace {

constexpr std::string_view kShape = "00000000T000000000Z";

bool is_segment_time(std::string_view text) {
  if (text.size() != kShape.size()) {
    return false;
  }
  for (std::size_t i = 0; i < kShape.size(); ++i) {
    const bool digit = text[i] >= '0' && text[i] <= '9';
    if (kShape[i] == '0' ? !digit : text[i] != kShape[i]) {
      return false;
    }
  }
  return true;
}

bool is_log_name(std::string_view text) {
  return !text.empty() && std::ranges::all_of(text, [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-' ||
           c == '_';
  });
}

// Takes `end` off the end of `text`.
bool drop_end(std::string_view& text, std::string_view end) {
  if (!text.ends_with(end)) {
    return false;
  }
  text.remove_suffix(end.size());
  return true;
}

}  // namespace

bool read_segment_name(std::string_view file, Segment& segment) {
  segment = {};
  if (drop_end(file, ".log.zst")) {
    segment.sealed = true;
  } else if (drop_end(file, ".idx")) {
    segment.indexed = true;
  } else if (drop_end(file, ".log")) {
    segment.plain = true;
  } else {
    return false;
  }
  if (const std::size_t dot = file.find('.'); dot != file.npos) {
    segment.time = file.substr(dot + 1);
    file = file.substr(0, dot);
    if (!is_segment_time(segment.time)) {
      return false;
    }
  } else if (!segment.plain) {
    return false;
  }
  segment.log = file;
  return is_log_name(file);
}

std::string plain_name(const Segment& segment) {
  return segment.time.empty() ? segment.log + ".log" : segment.log + "." + segment.time + ".log";
}

std::string sealed_name(const Segment& segment) { return plain_name(segment) + ".zst"; }

std::string index_name(const Segment& segment) { return segment.log + "." + segment.time + ".idx"; }

Result<std::vector<Segment>> list_segments(const std::string& folder) {
  const std::unique_ptr<DIR, int (*)(DIR*)> open(::opendir(folder.c_str()), &::closedir);
  if (!open) {
    if (errno == ENOENT) {
      return std::vector<Segment>{};
    }
    return fail(ErrorKind::io, "log_unreadable",
                fmt::format("cannot list {}: {}", folder, std::strerror(errno)),
                "the next `podplay up` repairs owners and modes of the logs");
  }
  // The current one, which has no time, sorts behind all others.
  using Key = std::tuple<std::string, bool, std::string>;
  std::map<Key, Segment> found;
  while (const dirent* entry = ::readdir(open.get())) {
    Segment one;
    if (!read_segment_name(entry->d_name, one)) {
      continue;
    }
    Segment& segment = found[{one.log, one.time.empty(), one.time}];
    segment.plain = segment.plain || one.plain;
    segment.sealed = segment.sealed || one.sealed;
    segment.indexed = segment.indexed || one.indexed;
    segment.log = std::move(one.log);
    segment.time = std::move(one.time);
  }
  std::vector<Segment> segments;
  for (auto& [key, segment] : found) {
    // An index alone is what retention left behind.
    if (segment.plain || segment.sealed) {
      segments.push_back(std::move(segment));
    }
  }
  return segments;
}

}  // namespace podplay::logs
