// Reads at most the end of each file, however long it is, and only files below the logs' folder.
#include "control/watch/logs.hpp"

#include <fcntl.h>
#include <fmt/format.h>
#include <fmt/ranges.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>

namespace podplay::control {
namespace {

constexpr int kMostLines = 1000;
// Bytes that are read from the end of a file.
constexpr off_t kMostTail = 1 << 20;

// The last `count` lines of a file.
Result<std::vector<std::string>> last_lines(const std::string& path, int count) {
  const int fd = ::open(path.c_str(), O_RDONLY | O_CLOEXEC);
  if (fd < 0 && errno == ENOENT) {
    // The log was rotated after the folder was read.
    return std::vector<std::string>{};
  }
  if (fd < 0) {
    return fail(ErrorKind::io, "log_unreadable",
                fmt::format("cannot read {}: {}", path, std::strerror(errno)),
                "the next `podplay up` repairs owners and modes of the logs");
  }
  const off_t size = ::lseek(fd, 0, SEEK_END);
  const off_t from = std::max<off_t>(0, size - kMostTail);
  std::string text(static_cast<std::size_t>(size - from), '\0');
  const ssize_t got = ::pread(fd, text.data(), text.size(), from);
  ::close(fd);
  text.resize(got < 0 ? 0 : static_cast<std::size_t>(got));
  // The first line is cut unless the file was read from its beginning.
  if (from > 0) {
    text.erase(0, text.find('\n') + 1);
  }
  std::vector<std::string> lines;
  for (std::size_t at = 0; at < text.size();) {
    const std::size_t end = std::min(text.find('\n', at), text.size());
    lines.push_back(text.substr(at, end - at));
    at = end + 1;
  }
  if (lines.size() > static_cast<std::size_t>(count)) {
    lines.erase(lines.begin(), lines.end() - count);
  }
  return lines;
}

}  // namespace

Result<std::vector<LogTail>> tail_logs(Context& context, const std::string& service,
                                       const std::string& log, int lines) {
  std::vector<Fault> faults;
  if (!service.empty() && std::ranges::find(kLogFolders, service) == kLogFolders.end()) {
    faults.push_back({.field = "service",
                      .code = "unknown_service",
                      .message = fmt::format("'{}' has no logs", service),
                      .remedy = fmt::format("use one of: {}", fmt::join(kLogFolders, ", "))});
  }
  if (log.find_first_not_of("abcdefghijklmnopqrstuvwxyz0123456789-_") != std::string::npos) {
    faults.push_back({.field = "log",
                      .code = "bad_log",
                      .message = fmt::format("'{}' is not the name of a log", log.substr(0, 40)),
                      .remedy = "leave it out to see all logs of the service"});
  }
  if (lines < 1 || lines > kMostLines) {
    faults.push_back({.field = "lines",
                      .code = "bad_lines",
                      .message = fmt::format("{} lines are not possible", lines),
                      .remedy = fmt::format("use 1 to {}", kMostLines)});
  }
  if (!faults.empty()) {
    return fail_faults(std::move(faults));
  }
  std::vector<LogTail> tails;
  for (const std::string_view folder : kLogFolders) {
    if (!service.empty() && folder != service) {
      continue;
    }
    const std::string path = fmt::format("{}/{}", context.paths.logs, folder);
    const auto names = context.files.list(path);
    // Nothing has been logged yet.
    if (!names) {
      continue;
    }
    for (const std::string& name : *names) {
      if (!name.ends_with(".log") || (!log.empty() && name != log + ".log")) {
        continue;
      }
      TRY(auto last, last_lines(path + "/" + name, lines));
      tails.push_back({.log = fmt::format("{}/{}", folder, name.substr(0, name.size() - 4)),
                       .lines = std::move(last)});
    }
  }
  if (tails.empty() && !log.empty()) {
    return fail(ErrorKind::not_found, "log_unknown",
                fmt::format("there is no log {} of {}", log, service),
                "leave `log` out to see which there are");
  }
  return tails;
}

}  // namespace podplay::control
