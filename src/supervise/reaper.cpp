// No status is lost: a child of the Runner is recorded before collect() can take its status.
// Orphans are found in /proc.
#include "supervise/reaper.hpp"

#include <dirent.h>
#include <fcntl.h>
#include <fmt/format.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <cstring>
#include <string_view>

#include "base/numbers.hpp"

namespace podplay::supervise {

Result<pid_t> ChildReaper::start(const std::function<Result<pid_t>()>& spawn) {
  // collect() has to wait for this lock, so it finds the child in children_ even when it ends at
  // once.
  const std::scoped_lock lock(mutex_);
  auto pid = spawn();
  if (pid) {
    children_.emplace(*pid, std::nullopt);
  }
  return pid;
}

std::optional<int> ChildReaper::wait(pid_t pid, std::chrono::steady_clock::time_point deadline) {
  std::unique_lock lock(mutex_);
  const auto child = children_.find(pid);
  if (child == children_.end()) {
    return 0;
  }
  if (!ended_.wait_until(lock, deadline, [&] { return child->second.has_value(); })) {
    return std::nullopt;
  }
  const int status = *child->second;
  children_.erase(child);
  return status;
}

std::vector<std::pair<pid_t, int>> ChildReaper::collect() {
  std::vector<std::pair<pid_t, int>> others;
  const std::scoped_lock lock(mutex_);
  int status = 0;
  for (pid_t pid = ::waitpid(-1, &status, WNOHANG); pid > 0;
       pid = ::waitpid(-1, &status, WNOHANG)) {
    const auto child = children_.find(pid);
    if (child == children_.end()) {
      others.emplace_back(pid, status);
    } else {
      child->second = status;
    }
  }
  ended_.notify_all();
  return others;
}

std::set<pid_t> ChildReaper::running() const {
  const std::scoped_lock lock(mutex_);
  std::set<pid_t> pids;
  for (const auto& [pid, status] : children_) {
    if (!status) {
      pids.insert(pid);
    }
  }
  return pids;
}

namespace {

// The parent of a process, 0 for a zombie: field 4 of /proc/PID/stat (proc(5)). The name in field 2
// may have blanks and parentheses.
pid_t parent_of(const char* pid) {
  std::array<char, 512> text{};
  const int file = ::open(fmt::format("/proc/{}/stat", pid).c_str(), O_RDONLY | O_CLOEXEC);
  if (file < 0) {
    return 0;
  }
  const ssize_t got = ::read(file, text.data(), text.size() - 1);
  ::close(file);
  const char* name_end = got > 0 ? std::strrchr(text.data(), ')') : nullptr;
  if (name_end == nullptr || std::strlen(name_end) < 5 || name_end[2] == 'Z') {
    return 0;
  }
  // ") S PPID PGRP ...": what stands between the state and the next space (proc(5)).
  std::string_view parent(name_end + 4);
  parent = parent.substr(0, parent.find(' '));
  return parse_number<pid_t>(parent).value_or(0);
}

}  // namespace

std::vector<pid_t> find_orphans(const std::set<pid_t>& known) {
  std::vector<pid_t> orphans;
  DIR* folder = ::opendir("/proc");
  if (folder == nullptr) {
    return orphans;
  }
  while (const dirent* entry = ::readdir(folder)) {
    const auto pid = parse_number<pid_t>(entry->d_name);
    if (pid && !known.contains(*pid) && parent_of(entry->d_name) == ::getpid()) {
      orphans.push_back(*pid);
    }
  }
  ::closedir(folder);
  return orphans;
}

}  // namespace podplay::supervise
