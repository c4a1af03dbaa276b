// Sizes that a file claims are checked before memory is taken for them: a damaged file ends its own
// reading and nothing else.
#include "logs/segment_reader.hpp"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>
#include <zstd.h>

#include <algorithm>
#include <cerrno>

namespace podplay::logs {
namespace {

constexpr std::size_t kPlainBlock = 256U << 10;
// A line is not longer; what is, is read in parts.
constexpr std::size_t kLongestLine = 4U << 20;
// Of a frame that a damaged file claims.
constexpr std::uint64_t kLargestFrame = 16U << 20;
constexpr std::size_t kLargestTable = 64U << 20;

}  // namespace

LogFile::LogFile(const std::string& path) : fd_(::open(path.c_str(), O_RDONLY | O_CLOEXEC)) {}

LogFile::~LogFile() {
  if (fd_ >= 0) {
    ::close(fd_);
  }
}

std::uint64_t LogFile::size() const {
  struct stat about{};
  return ::fstat(fd_, &about) == 0 ? static_cast<std::uint64_t>(about.st_size) : 0;
}

std::string LogFile::read(std::uint64_t offset, std::size_t size) const {
  std::string text(size, '\0');
  std::size_t done = 0;
  while (done < size) {
    const ssize_t got =
        ::pread(fd_, text.data() + done, size - done, static_cast<off_t>(offset + done));
    if (got < 0 && errno == EINTR) {
      continue;
    }
    if (got <= 0) {
      break;
    }
    done += static_cast<std::size_t>(got);
  }
  text.resize(done);
  return text;
}

std::unique_ptr<SegmentReader> SegmentReader::of_current(std::shared_ptr<LogFile> file) {
  std::unique_ptr<SegmentReader> reader(new SegmentReader());
  reader->file_ = std::move(file);
  reader->size_ = reader->file_->size();
  // A line that is being written is not there yet.
  std::uint64_t end = reader->size_;
  while (end > 0) {
    const std::size_t size = std::min<std::uint64_t>(end, 8U << 10);
    const std::string tail = reader->file_->read(end - size, size);
    const std::size_t last = tail.rfind('\n');
    if (last != tail.npos) {
      reader->size_ = end - size + last + 1;
      return reader;
    }
    end -= size;
  }
  reader->size_ = 0;
  return reader;
}

std::unique_ptr<SegmentReader> SegmentReader::open(const std::string& folder,
                                                   const Segment& segment) {
  std::unique_ptr<SegmentReader> reader(new SegmentReader());
  auto plain = std::make_shared<LogFile>(folder + "/" + plain_name(segment));
  if (plain->is_open()) {
    reader->file_ = std::move(plain);
    reader->size_ = reader->file_->size();
    return reader;
  }
  // It may have been sealed since the folder was read.
  return !segment.time.empty() && reader->open_sealed(folder, segment) ? std::move(reader)
                                                                       : nullptr;
}

bool SegmentReader::open_sealed(const std::string& folder, const Segment& segment) {
  sealed_ = true;
  file_ = std::make_shared<LogFile>(folder + "/" + sealed_name(segment));
  if (!file_->is_open()) {
    return false;
  }
  index_ = std::make_shared<LogFile>(folder + "/" + index_name(segment));
  if (index_->is_open()) {
    const std::uint64_t size = table_size(index_->read(0, kIndexHead));
    if (size > 0 && size <= std::min<std::uint64_t>(index_->size(), kLargestTable)) {
      auto frames = read_index(index_->read(0, size), file_->size());
      frames_ = frames ? std::move(*frames) : std::vector<Frame>();
    }
  }
  if (frames_.empty()) {
    walk_frames();
  }
  size_ = frames_.empty() ? 0 : frames_.back().raw_offset + frames_.back().raw_size;
  return true;
}

// Finds the frames without an index. The first one that is not whole is the end.
void SegmentReader::walk_frames() {
  index_.reset();
  std::uint64_t offset = 0;
  std::uint64_t raw_offset = 0;
  std::size_t window = 512U << 10;
  for (;;) {
    const std::string piece = file_->read(offset, window);
    const std::size_t size = ZSTD_findFrameCompressedSize(piece.data(), piece.size());
    if (ZSTD_isError(size) != 0) {
      if (piece.size() < window || window > kLargestFrame) {
        return;
      }
      window *= 2;
      continue;
    }
    const auto raw = ZSTD_getFrameContentSize(piece.data(), piece.size());
    if (raw > kLargestFrame) {
      return;
    }
    frames_.push_back({.offset = offset,
                       .size = static_cast<std::uint32_t>(size),
                       .raw_offset = raw_offset,
                       .raw_size = static_cast<std::uint32_t>(raw)});
    offset += size;
    raw_offset += raw;
  }
}

const Frame* SegmentReader::frame_at(std::uint64_t offset, bool backwards) const {
  if (backwards) {
    // The last frame that begins before the offset.
    const auto after = std::ranges::lower_bound(frames_, offset, {}, &Frame::raw_offset);
    return after == frames_.begin() ? nullptr : &*std::prev(after);
  }
  const auto after = std::ranges::upper_bound(frames_, offset, {}, &Frame::raw_offset);
  if (after == frames_.begin()) {
    return nullptr;
  }
  const Frame& frame = *std::prev(after);
  return offset < frame.raw_offset + frame.raw_size ? &frame : nullptr;
}

bool SegmentReader::may_have_words(const Frame& frame,
                                   const std::vector<std::uint64_t>& words) const {
  if (words.empty() || frame.filter_size == 0 || !index_ || frame.filter_size > kLargestTable) {
    return true;
  }
  const WordFilter filter = read_filter(index_->read(frame.filter_offset, frame.filter_size));
  return std::ranges::all_of(words, [&](std::uint64_t word) { return filter.may_have(word); });
}

std::string SegmentReader::unpack(const Frame& frame) const {
  const std::string packed = file_->read(frame.offset, frame.size);
  if (frame.raw_size > kLargestFrame) {
    return {};
  }
  std::string lines(frame.raw_size, '\0');
  const std::size_t size =
      ZSTD_decompress(lines.data(), lines.size(), packed.data(), packed.size());
  return ZSTD_isError(size) == 0 && size == lines.size() ? lines : std::string();
}

SegmentReader::Block SegmentReader::read_from(std::uint64_t offset) const {
  if (!sealed_) {
    return plain_from(offset);
  }
  for (const Frame* frame = frame_at(offset, false); frame != nullptr;
       frame = frame_at(offset, false)) {
    Block block{.offset = offset, .lines = unpack(*frame)};
    if (!block.lines.empty()) {
      block.lines.erase(0, offset - frame->raw_offset);
      return block;
    }
    offset = frame->raw_offset + frame->raw_size;
  }
  return {.offset = size_};
}

SegmentReader::Block SegmentReader::read_before(std::uint64_t offset) const {
  if (!sealed_) {
    return plain_before(offset);
  }
  for (const Frame* frame = frame_at(offset, true); frame != nullptr;
       frame = frame_at(offset, true)) {
    Block block{.offset = frame->raw_offset, .lines = unpack(*frame)};
    if (!block.lines.empty()) {
      block.lines.resize(std::min<std::uint64_t>(block.lines.size(), offset - frame->raw_offset));
      return block;
    }
    offset = frame->raw_offset;
  }
  return {};
}

SegmentReader::Block SegmentReader::plain_from(std::uint64_t offset) const {
  if (offset >= size_) {
    return {.offset = size_};
  }
  for (std::size_t wanted = kPlainBlock;; wanted *= 2) {
    const std::size_t size = std::min<std::uint64_t>(wanted, size_ - offset);
    Block block{.offset = offset, .lines = file_->read(offset, size)};
    const bool end = block.lines.size() < size || offset + size == size_;
    const std::size_t last = block.lines.rfind('\n');
    if (end || (last == block.lines.npos && wanted > kLongestLine)) {
      return block;
    }
    if (last != block.lines.npos) {
      block.lines.resize(last + 1);
      return block;
    }
  }
}

SegmentReader::Block SegmentReader::plain_before(std::uint64_t offset) const {
  offset = std::min(offset, size_);
  if (offset == 0) {
    return {};
  }
  for (std::size_t wanted = kPlainBlock;; wanted *= 2) {
    const std::size_t size = std::min<std::uint64_t>(wanted, offset);
    Block block{.offset = offset - size, .lines = file_->read(offset - size, size)};
    if (block.offset == 0 || block.lines.empty()) {
      return block;
    }
    // The first line may be a part of one.
    const std::size_t first = block.lines.find('\n');
    if (first != block.lines.npos && first + 1 < block.lines.size()) {
      block.lines.erase(0, first + 1);
      block.offset += first + 1;
      return block;
    }
    if (wanted > kLongestLine) {
      return block;
    }
  }
}

}  // namespace podplay::logs
