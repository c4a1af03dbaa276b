// Every fault names its remedy, also one that was never expected.
#include "logs/log_file_fault.hpp"

#include <fmt/format.h>

#include <cerrno>
#include <cstring>

namespace podplay::logs {
namespace {

std::string remedy_of(int code) {
  if (code == ENOSPC || code == EDQUOT) {
    return "make room on the volume of the logs, or lower PODPLAY_LOG_KEEP_DAYS or "
           "PODPLAY_LOG_KEEP_BYTES";
  }
  if (code == EROFS) {
    return "find out why the volume of the logs is read-only: see the host's kernel log";
  }
  if (code == EACCES || code == EPERM) {
    return "the next `podplay up` repairs owners and modes of the logs";
  }
  return "check the volume of the logs";
}

}  // namespace

Error log_file_fault(const char* attempt, const std::string& path, int code) {
  return {.kind = ErrorKind::io,
          .code = "log_file",
          .message = fmt::format("cannot {} log file {}: {}", attempt, path, std::strerror(code)),
          .remedy = remedy_of(code)};
}

}  // namespace podplay::logs
