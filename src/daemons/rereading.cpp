// The time is bounded: a mark that never changes holds nothing up for longer than kLongest.
#include "daemons/rereading.hpp"

#include <fmt/format.h>
#include <signal.h>

#include "base/files.hpp"
#include "base/numbers.hpp"

namespace podplay::daemons {

namespace {

std::unexpected<Error> away(std::string_view name) {
  return fail(ErrorKind::unavailable, "daemon_away", fmt::format("{} does not run yet", name));
}

}  // namespace

Result<int> read_pid(std::string_view name, const std::string& pid_file) {
  RealFiles files;
  TRY(const auto text, files.read(pid_file));
  const auto pid = parse_number<int>(std::string_view(text).substr(0, text.find('\n')));
  if (!pid || *pid <= 1) {
    return away(name);
  }
  return *pid;
}

Status send_signal(std::string_view name, const std::string& pid_file, int signal) {
  TRY(const int pid, read_pid(name, pid_file));
  if (::kill(pid, signal) != 0) {
    return away(name);
  }
  return {};
}

void Rereading::begin() {
  before_ = mark_();
  began_ = std::chrono::steady_clock::now();
}

bool Rereading::is_under_way() {
  if (before_.empty()) {
    return false;
  }
  const std::string now = mark_();
  const bool is_read = !now.empty() && now != before_;
  if (is_read || std::chrono::steady_clock::now() - began_ > kLongest) {
    before_.clear();
  }
  return !before_.empty();
}

}  // namespace podplay::daemons
