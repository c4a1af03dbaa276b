// The files of a log: the current one and the older ones, in every state between rotation and
// retention. NAME.log is the current one. A rotated one is NAME.TIME.log, where TIME is that of the
// rotation (YYYYMMDDTHHMMSSmmmZ), and later NAME.TIME.log.zst with NAME.TIME.idx beside it.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "base/result.hpp"

namespace podplay::logs {

struct Segment {
  // The log that it is a part of: "postfix".
  std::string log;
  // Of its rotation; empty: it is the current one.
  std::string time;
  // Which of its files are there. A plain one has all lines as long as it exists: the others may be
  // half made.
  bool plain = false;
  bool sealed = false;
  bool indexed = false;

  bool operator==(const Segment&) const = default;
};

// What a file's name says: the segment with the one state that the name stands for. False for names
// of other files, such as *.part.
bool read_segment_name(std::string_view file, Segment& segment);

// Names of the files of a segment, without the folder.
std::string plain_name(const Segment& segment);
std::string sealed_name(const Segment& segment);
std::string index_name(const Segment& segment);

// The segments in a folder by log, then by time, the current one last. A file that vanishes
// meanwhile is no error. A folder that does not exist has none.
Result<std::vector<Segment>> list_segments(const std::string& folder);

// Makes NAME.TIME.log (a path) into frames of zstd and an index, then removes it. Each step may be
// the last one before the power fails: calling it again finishes the work, and readers find every
// line once. Reading takes 1 MiB of memory, whatever the size. A segment that is sealed already, or
// gone, is a success.
Status seal_segment(const std::string& path);

}  // namespace podplay::logs
