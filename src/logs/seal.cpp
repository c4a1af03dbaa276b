// The steps of sealing: frames to NAME.TIME.log.zst.part and the index to NAME.TIME.idx.part, both
// synced; the index is renamed, then the frames, then the plain file is removed. Readers prefer the
// plain file as long as it is there, so no step makes a line vanish or appear twice.
#include <fcntl.h>
#include <fmt/format.h>
#include <sys/stat.h>
#include <unistd.h>
#include <zstd.h>

#include <cerrno>
#include <cstring>
#include <filesystem>
#include <memory>

#include "logs/frame_index.hpp"
#include "logs/segment.hpp"

namespace podplay::logs {
namespace {

// Octets of lines in a frame, about.
constexpr std::size_t kFrame = 1U << 20;
// A line that is longer is cut into two frames.
constexpr std::size_t kLongestFrame = 4U << 20;
constexpr int kCompression = 3;

class OpenFile {
 public:
  OpenFile() = default;
  OpenFile(const std::string& path, int flags, unsigned mode = 0)
      : fd_(::open(path.c_str(), flags | O_CLOEXEC, mode)) {}
  OpenFile(const OpenFile&) = delete;
  OpenFile& operator=(const OpenFile&) = delete;
  ~OpenFile() {
    if (fd_ >= 0) {
      ::close(fd_);
    }
  }
  int get() const { return fd_; }

 private:
  int fd_ = -1;
};

std::unexpected<Error> failed(std::string_view what, const std::string& path, int code) {
  return fail(code == ENOSPC ? ErrorKind::unavailable : ErrorKind::io, "log_not_sealed",
              fmt::format("cannot {} {}: {}", what, path, std::strerror(code)),
              code == ENOSPC ? "free space on the volume of the logs; it is tried again" : "");
}

Status write_all(int fd, std::string_view text, const std::string& path) {
  while (!text.empty()) {
    const ssize_t done = ::write(fd, text.data(), text.size());
    if (done < 0 && errno == EINTR) {
      continue;
    }
    if (done <= 0) {
      return failed("write", path, errno);
    }
    text.remove_prefix(static_cast<std::size_t>(done));
  }
  return {};
}

struct Sealed {
  std::vector<Frame> frames;
  std::vector<WordFilter> filters;
};

class Sealer {
 public:
  Sealer(int out, std::string path) : out_(out), path_(std::move(path)) {}

  // Writes what is whole of `lines`, and leaves the rest there; at the end all of it.
  Status take(std::string& lines, bool end) {
    while (lines.size() >= kFrame || (end && !lines.empty())) {
      std::size_t size = lines.size();
      if (lines.size() > kFrame) {
        const std::size_t line_end = lines.find('\n', kFrame - 1);
        if (line_end == lines.npos && !end && lines.size() < kLongestFrame) {
          return {};
        }
        size = line_end == lines.npos ? lines.size() : line_end + 1;
      } else if (!end && lines.back() != '\n') {
        return {};
      }
      TRY(add(std::string_view(lines).substr(0, size)));
      lines.erase(0, size);
    }
    return {};
  }

  Sealed& sealed() { return sealed_; }

 private:
  Status add(std::string_view lines) {
    std::string packed(ZSTD_compressBound(lines.size()), '\0');
    const std::size_t size =
        ZSTD_compress(packed.data(), packed.size(), lines.data(), lines.size(), kCompression);
    if (ZSTD_isError(size) != 0) {
      return fail(ErrorKind::io, "log_not_sealed",
                  fmt::format("cannot compress {}: {}", path_, ZSTD_getErrorName(size)));
    }
    packed.resize(size);
    TRY(write_all(out_, packed, path_));
    WordFilter filter;
    Frame frame = describe_frame(lines, filter);
    frame.offset = offset_;
    frame.size = static_cast<std::uint32_t>(size);
    frame.raw_offset = raw_offset_;
    offset_ += size;
    raw_offset_ += lines.size();
    sealed_.frames.push_back(std::move(frame));
    sealed_.filters.push_back(std::move(filter));
    return {};
  }

  const int out_;
  const std::string path_;
  std::uint64_t offset_ = 0;
  std::uint64_t raw_offset_ = 0;
  Sealed sealed_;
};

// Whatever the umask is: who reads the plain file reads the sealed one.
Status set_mode(int fd, unsigned mode, const std::string& path) {
  return ::fchmod(fd, mode) == 0 ? Status{} : failed("set the mode of", path, errno);
}

Status sync_file(int fd, const std::string& path) {
  return ::fsync(fd) == 0 ? Status{} : failed("sync", path, errno);
}

Result<Sealed> write_frames(int in, const std::string& from, const std::string& to, unsigned mode) {
  const OpenFile out(to, O_WRONLY | O_CREAT | O_TRUNC, mode);
  if (out.get() < 0) {
    return failed("write", to, errno);
  }
  TRY(set_mode(out.get(), mode, to));
  Sealer sealer(out.get(), to);
  std::string lines;
  std::string piece(256U << 10, '\0');
  for (;;) {
    const ssize_t got = ::read(in, piece.data(), piece.size());
    if (got < 0 && errno == EINTR) {
      continue;
    }
    if (got < 0) {
      return failed("read", from, errno);
    }
    lines.append(piece, 0, static_cast<std::size_t>(got));
    TRY(sealer.take(lines, got == 0));
    if (got == 0) {
      break;
    }
  }
  TRY(sync_file(out.get(), to));
  return std::move(sealer.sealed());
}

Status write_index_file(const Sealed& sealed, const std::string& to, unsigned mode) {
  const OpenFile out(to, O_WRONLY | O_CREAT | O_TRUNC, mode);
  if (out.get() < 0) {
    return failed("write", to, errno);
  }
  TRY(set_mode(out.get(), mode, to));
  TRY(write_all(out.get(), write_index(sealed.frames, sealed.filters), to));
  return sync_file(out.get(), to);
}

Status rename_file(const std::string& from, const std::string& to) {
  return ::rename(from.c_str(), to.c_str()) == 0 ? Status{} : failed("rename", from, errno);
}

}  // namespace

Status seal_segment(const std::string& path) {
  const std::filesystem::path whole(path);
  Segment segment;
  if (!read_segment_name(whole.filename().string(), segment) || !segment.plain ||
      segment.time.empty()) {
    return fail(ErrorKind::internal, "no_segment", fmt::format("{} is no rotated log", path));
  }
  const OpenFile in(path, O_RDONLY);
  if (in.get() < 0) {
    return errno == ENOENT ? Status{} : failed("read", path, errno);
  }
  struct stat about{};
  if (::fstat(in.get(), &about) != 0) {
    return failed("read", path, errno);
  }
  const unsigned mode = about.st_mode & 0666U;
  const std::string folder = whole.parent_path().string();
  const std::string frames = folder + "/" + sealed_name(segment);
  const std::string index = folder + "/" + index_name(segment);
  TRY(const auto sealed, write_frames(in.get(), path, frames + ".part", mode));
  TRY(write_index_file(sealed, index + ".part", mode));
  TRY(rename_file(index + ".part", index));
  TRY(rename_file(frames + ".part", frames));
  const OpenFile directory(folder, O_RDONLY | O_DIRECTORY);
  if (directory.get() < 0) {
    return failed("open", folder, errno);
  }
  TRY(sync_file(directory.get(), folder));
  // No going back after this.
  if (::unlink(path.c_str()) != 0 && errno != ENOENT) {
    return failed("remove", path, errno);
  }
  return {};
}

}  // namespace podplay::logs
