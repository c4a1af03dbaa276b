// Reads the lines of one segment in blocks, in whatever state its files are. A segment is opened
// once and then read to its end, even when it is sealed or removed meanwhile.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "logs/frame_index.hpp"
#include "logs/segment.hpp"

namespace podplay::logs {

// A file descriptor that is closed with its owner.
class LogFile {
 public:
  explicit LogFile(const std::string& path);
  LogFile(const LogFile&) = delete;
  LogFile& operator=(const LogFile&) = delete;
  ~LogFile();
  bool is_open() const { return fd_ >= 0; }
  int fd() const { return fd_; }
  std::uint64_t size() const;
  // Fewer bytes at the file's end.
  std::string read(std::uint64_t offset, std::size_t size) const;

 private:
  int fd_;
};

class SegmentReader {
 public:
  // nullptr: the segment is gone.
  static std::unique_ptr<SegmentReader> open(const std::string& folder, const Segment& segment);
  // Of a current segment whose file is open already.
  static std::unique_ptr<SegmentReader> of_current(std::shared_ptr<LogFile> file);

  // Of its lines as they were written. A last line without its end counts only when the segment is
  // not written any more.
  std::uint64_t size() const { return size_; }

  // A part of the segment that is read at once: whole lines.
  struct Block {
    std::uint64_t offset = 0;
    std::string lines{};
  };
  // The frame that holds the octet at `offset`, or the one before it when `backwards`; nullptr: the
  // segment is plain, or has none there. What it says is known without reading its lines.
  const Frame* frame_at(std::uint64_t offset, bool backwards) const;
  bool may_have_words(const Frame& frame, const std::vector<std::uint64_t>& words) const;
  // The lines from `offset` on, or those before it; empty at the end. Of a sealed segment, the rest
  // of a frame. Lines that cannot be read, since the file is damaged, are left out.
  Block read_from(std::uint64_t offset) const;
  Block read_before(std::uint64_t offset) const;

 private:
  SegmentReader() = default;
  bool open_sealed(const std::string& folder, const Segment& segment);
  void walk_frames();
  std::string unpack(const Frame& frame) const;
  Block plain_from(std::uint64_t offset) const;
  Block plain_before(std::uint64_t offset) const;

  std::shared_ptr<LogFile> file_;
  std::shared_ptr<LogFile> index_;
  bool sealed_ = false;
  std::uint64_t size_ = 0;
  std::vector<Frame> frames_;
};

}  // namespace podplay::logs
