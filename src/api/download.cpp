// A download is read piece by piece, so a large one takes no memory; few may run at once, since
// each occupies a thread.
#include "api/download.hpp"

#include <fcntl.h>
#include <fmt/format.h>
#include <unistd.h>

#include <atomic>
#include <cerrno>
#include <cstring>
#include <memory>

namespace podplay::api {
namespace {

constexpr int kMostDownloads = 8;
constexpr std::chrono::seconds kDownloadRetry{30};
constexpr std::size_t kPiece = 256U << 10;

// One download under way.
class Download {
 public:
  static std::shared_ptr<Download> begin(const std::string& path) {
    if (++running() > kMostDownloads) {
      --running();
      return nullptr;
    }
    return std::shared_ptr<Download>(new Download(path));
  }
  ~Download() {
    --running();
    if (fd_ >= 0) {
      ::close(fd_);
    }
  }
  Download(const Download&) = delete;
  Download& operator=(const Download&) = delete;

  bool is_open() const { return fd_ >= 0; }
  Result<std::string> next() {
    std::string piece(kPiece, '\0');
    const ssize_t count = ::read(fd_, piece.data(), piece.size());
    if (count < 0) {
      return fail(ErrorKind::io, "file_unreadable",
                  fmt::format("the file cannot be read: {}", std::strerror(errno)));
    }
    piece.resize(static_cast<std::size_t>(count));
    return piece;
  }

 private:
  explicit Download(const std::string& path) : fd_(::open(path.c_str(), O_RDONLY | O_CLOEXEC)) {}
  // Of this process, whose threads they occupy.
  static std::atomic<int>& running() {
    static std::atomic<int> count{0};
    return count;
  }

  const int fd_;
};

}  // namespace

Result<Answer> file_answer(FileToSend file, Error missing) {
  const auto download = Download::begin(file.path);
  if (!download) {
    Error error{.kind = ErrorKind::unavailable,
                .code = "too_many_downloads",
                .message = fmt::format("{} downloads are under way already", kMostDownloads),
                .remedy = "try again in a moment"};
    error.retry_after = kDownloadRetry;
    return std::unexpected(std::move(error));
  }
  if (!download->is_open()) {
    return std::unexpected(std::move(missing));
  }
  return Answer{.media_type = file.media_type,
                .pieces = [download] { return download->next(); },
                .length = file.bytes,
                .file_name = std::move(file.name)};
}

}  // namespace podplay::api
