// The file sink. It rotates by renaming, so no line is lost, and compresses old files in a thread
// of its own, so no line waits for that.
#include <fcntl.h>
#include <fmt/format.h>
#include <sys/stat.h>
#include <unistd.h>
#include <zlib.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <filesystem>
#include <mutex>
#include <thread>

#include "base/log.hpp"

namespace podplay {
namespace fs = std::filesystem;
namespace {

constexpr std::int64_t kMostBytes = 10LL << 20;
// Number of rotated files that are kept.
constexpr std::size_t kKept = 30;
constexpr auto kRetry = std::chrono::seconds(10);

// Makes PATH.gz of PATH. The plain file is removed only when the compressed one is complete.
void compress(const std::string& path) {
  const std::string beside = path + ".gz.new";
  const int in = ::open(path.c_str(), O_RDONLY | O_CLOEXEC);
  if (in < 0) {
    return;
  }
  struct stat before{};
  ::fstat(in, &before);
  const int to = ::open(beside.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
  // Owner and mode stay the same, so that the same people can read the compressed file.
  if (to >= 0 && (::fchown(to, before.st_uid, before.st_gid) != 0 ||
                  ::fchmod(to, before.st_mode & 07777) != 0)) {
    ::fchmod(to, 0600);
  }
  gzFile out = to < 0 ? nullptr : ::gzdopen(to, "wb6");
  if (out == nullptr && to >= 0) {
    ::close(to);
  }
  bool whole = out != nullptr;
  char buffer[65536];
  ssize_t got = 0;
  while (whole && (got = ::read(in, buffer, sizeof buffer)) > 0) {
    whole = ::gzwrite(out, buffer, static_cast<unsigned>(got)) == got;
  }
  whole = whole && got == 0;
  if (out != nullptr) {
    whole = ::gzclose(out) == Z_OK && whole;
  }
  ::close(in);
  // After a failure the plain file stays.
  std::error_code ignored;
  if (whole) {
    fs::rename(beside, path + ".gz", ignored);
  }
  if (whole && !ignored) {
    fs::remove(path, ignored);
  } else {
    fs::remove(beside, ignored);
  }
}

void drop_old(const fs::path& path) {
  std::error_code error;
  std::vector<std::string> old;
  const std::string prefix = path.filename().string() + ".";
  for (fs::directory_iterator at(path.parent_path(), error), end; !error && at != end;
       at.increment(error)) {
    if (at->path().filename().string().starts_with(prefix)) {
      old.push_back(at->path().string());
    }
  }
  // Names end with their time, so the oldest come first.
  std::ranges::sort(old);
  for (std::size_t i = 0; i + kKept < old.size(); ++i) {
    fs::remove(old[i], error);
  }
}

class FileSink final : public LogSink {
 public:
  explicit FileSink(std::string path) : path_(std::move(path)) {}
  ~FileSink() override {
    if (fd_ >= 0) {
      ::close(fd_);
    }
    if (compressor_.joinable()) {
      compressor_.join();
    }
  }
  FileSink(const FileSink&) = delete;
  FileSink& operator=(const FileSink&) = delete;

  void write(std::string_view line) override {
    std::string whole(line);
    whole += '\n';
    const std::scoped_lock lock(mutex_);
    if (fd_ < 0 && !open()) {
      return;
    }
    if (size_ + static_cast<std::int64_t>(whole.size()) > kMostBytes || today() != day_) {
      rotate();
    }
    if (fd_ < 0) {
      return;
    }
    // One write per line: with O_APPEND, lines of several processes do not mix.
    const ssize_t written = ::write(fd_, whole.data(), whole.size());
    if (written < 0) {
      complain("write");
    } else {
      size_ += written;
    }
  }

 private:
  static std::int64_t today() {
    return SystemClock{}.now().time_since_epoch() / std::chrono::days(1);
  }

  bool open() {
    if (std::chrono::steady_clock::now() < next_try_) {
      return false;
    }
    // When this fails, open() below fails too and says why.
    std::error_code ignored;
    fs::create_directories(fs::path(path_).parent_path(), ignored);
    fd_ = ::open(path_.c_str(), O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0640);
    if (fd_ < 0) {
      complain("open");
      return false;
    }
    struct stat info{};
    ::fstat(fd_, &info);
    size_ = info.st_size;
    day_ = size_ == 0 ? today() : info.st_mtime / 86400;
    return true;
  }

  void rotate() {
    if (size_ > 0) {
      const std::string old = fmt::format("{}.{}", path_, to_rfc3339(SystemClock{}.now()));
      std::error_code error;
      fs::rename(path_, old, error);
      if (!error) {
        if (compressor_.joinable()) {
          compressor_.join();
        }
        compressor_ = std::thread([old, path = fs::path(path_)] {
          compress(old);
          drop_old(path);
        });
      }
    }
    ::close(fd_);
    fd_ = -1;
    open();
  }

  void complain(const char* attempt) {
    const std::string why = std::strerror(errno);
    if (why != said_) {
      const std::string text = fmt::format(
          "cannot {} log file {}: {}; lines go to standard output only\n", attempt, path_, why);
      if (::write(STDERR_FILENO, text.data(), text.size()) >= 0) {
        said_ = why;
      }
    }
    next_try_ = std::chrono::steady_clock::now() + kRetry;
  }

  // Constant after construction.
  std::string path_;

  std::mutex mutex_;
  // Guarded by mutex_.
  // -1 while the file is not open.
  int fd_ = -1;
  // Bytes in the file.
  std::int64_t size_ = 0;
  // Days since 1970 of the file's first line.
  std::int64_t day_ = 0;
  // The last complaint, which is not repeated.
  std::string said_;
  std::chrono::steady_clock::time_point next_try_{};
  // Works on a file that was renamed before it started. Joined before the next one starts.
  std::thread compressor_;
};

}  // namespace

std::shared_ptr<LogSink> make_file_sink(std::string path) {
  return std::make_shared<FileSink>(std::move(path));
}

}  // namespace podplay
