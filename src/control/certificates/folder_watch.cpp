// Links that this program swaps itself are no news, so that a domain that is made or renewed costs
// no look at its files. A watch is put up before the folder is looked at, so nothing is missed.
#include "control/certificates/folder_watch.hpp"

#include <fmt/format.h>
#include <poll.h>
#include <sys/eventfd.h>
#include <sys/inotify.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <set>

#include "control/certificates/outside.hpp"
#include "control/certificates/versions.hpp"

namespace podplay::control {
namespace {

using namespace std::chrono;

constexpr std::uint32_t kRootEvents = IN_CREATE | IN_MOVED_TO | IN_ONLYDIR;
constexpr std::uint32_t kFileEvents = IN_CREATE | IN_MODIFY | IN_CLOSE_WRITE | IN_MOVED_TO |
                                      IN_MOVED_FROM | IN_DELETE | IN_ATTRIB | IN_ONLYDIR;

bool is_certificate_file(std::string_view file) {
  return std::ranges::find(kCertificateFiles, file) != kCertificateFiles.end();
}

// Size, place and times of a file: what a write, a rename and a change of mode change.
std::string stat_words(const std::string& path, bool follow) {
  struct stat now{};
  const int found = follow ? ::stat(path.c_str(), &now) : ::lstat(path.c_str(), &now);
  return found != 0 ? "-"
                    : fmt::format("{}.{}.{}.{}", now.st_ino, now.st_size, now.st_ctim.tv_sec,
                                  now.st_ctim.tv_nsec);
}

}  // namespace

FolderWatch::FolderWatch(Files& files, std::string folder, Logger log, FolderWatchOptions options)
    : files_(files), folder_(std::move(folder)), log_(std::move(log)), options_(options) {
  events_ = ::inotify_init1(IN_NONBLOCK | IN_CLOEXEC);
  wake_ = ::eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC);
}

FolderWatch::~FolderWatch() {
  for (const int fd : {events_, wake_}) {
    if (fd >= 0) {
      ::close(fd);
    }
  }
}

Result<std::vector<std::string>> FolderWatch::begin() {
  if (wake_ < 0) {
    return fail(ErrorKind::io, "watch", "cannot make an eventfd for the watch of certificates",
                "look for a limit on open files");
  }
  root_watched_ = add_watch(folder_, kRootEvents, {}) >= 0;
  TRY(auto names, files_.list(folder_));
  std::erase_if(names, [&](const std::string& name) {
    return !files_.exists(folder_of(name) + "/versions");
  });
  for (const std::string& name : names) {
    follow(name);
  }
  return names;
}

int FolderWatch::add_watch(const std::string& path, std::uint32_t events, const Watch& watch) {
  const bool may = watches_.size() < options_.most_watches;
  const int number = may ? ::inotify_add_watch(events_, path.c_str(), events) : -1;
  if (number >= 0) {
    watches_[number] = watch;
    return number;
  }
  const int why = may ? errno : ENOSPC;
  // The folder is gone again.
  if (why != ENOENT && why != ENOTDIR && !said_) {
    said_ = true;
    log_.warn(
        "folders of certificates are looked at every two seconds, since they cannot be watched",
        {{"watches", watches_.size()},
         {"why",
          why == ENOSPC ? "raise fs.inotify.max_user_watches (sysctl)" : std::strerror(why)}});
  }
  return -1;
}

void FolderWatch::follow(const std::string& name) {
  const int number =
      add_watch(folder_of(name), kFileEvents | IN_DONT_FOLLOW, {.kind = Kind::name, .name = name});
  if (number < 0) {
    if (files_.exists(folder_of(name))) {
      poll_instead(name);
    }
    return;
  }
  numbers_.try_emplace(name, number, -1).first->second.first = number;
  follow_version(name);
}

// The version in use has changed, or is not watched yet.
void FolderWatch::follow_version(const std::string& name) {
  const auto known = numbers_.find(name);
  if (known == numbers_.end()) {
    return;
  }
  const std::string path = folder_of(name) + "/current";
  const int before = known->second.second;
  const int number = add_watch(path, kFileEvents, {.kind = Kind::version, .name = name});
  known->second.second = number;
  if (before >= 0 && before != number) {
    watches_.erase(before);
    ::inotify_rm_watch(events_, before);
  }
  struct stat there{};
  if (number < 0 && ::stat(path.c_str(), &there) == 0) {
    poll_instead(name);
  }
}

void FolderWatch::poll_instead(const std::string& name) {
  const auto [at, fresh] = polled_.try_emplace(name);
  if (fresh) {
    at->second = signature(name);
  }
}

void FolderWatch::forget(const std::string& name) {
  polled_.erase(name);
  due_.erase(name);
  const auto known = numbers_.find(name);
  if (known == numbers_.end()) {
    return;
  }
  for (const int number : {known->second.first, known->second.second}) {
    if (watches_.erase(number) > 0) {
      ::inotify_rm_watch(events_, number);
    }
  }
  numbers_.erase(known);
}

void FolderWatch::note(const std::string& name) {
  const SteadyTime now = steady_clock::now();
  Due& due = due_.try_emplace(name, now).first->second;
  due.at = std::min(now + options_.quiet, due.first + options_.longest);
}

void FolderWatch::look_again(const std::string& name, milliseconds delay) {
  const SteadyTime at = steady_clock::now() + delay;
  due_.try_emplace(name, at, at);
}

void FolderWatch::wake() {
  const std::uint64_t one = 1;
  static_cast<void>(::write(wake_, &one, sizeof one) == sizeof one);
}

void FolderWatch::compare_names() {
  const auto listed = files_.list(folder_);
  if (!listed) {
    return;
  }
  const std::set<std::string> there(listed->begin(), listed->end());
  std::vector<std::string> gone;
  for (const auto& [name, numbers] : numbers_) {
    if (!there.contains(name)) {
      gone.push_back(name);
    }
  }
  for (const auto& [name, signed_as] : polled_) {
    if (!there.contains(name)) {
      gone.push_back(name);
    }
  }
  for (const std::string& name : gone) {
    forget(name);
  }
  for (const std::string& name : there) {
    if (!numbers_.contains(name) && !polled_.contains(name)) {
      follow(name);
      if (has_outside_files(files_, folder_of(name))) {
        note(name);
      }
    }
  }
}

void FolderWatch::take(const Watch& watch, std::uint32_t events, const std::string& file) {
  if (watch.kind == Kind::root) {
    if ((events & IN_ISDIR) != 0) {
      follow(file);
      // Files that were there before the watch.
      if (has_outside_files(files_, folder_of(file))) {
        note(file);
      }
    }
    return;
  }
  if (watch.kind == Kind::name && file == "current") {
    follow_version(watch.name);
    return;
  }
  if (!is_certificate_file(file)) {
    return;
  }
  // This program swapped the link, or wrote through it, which the version's watch says.
  const bool ours =
      watch.kind == Kind::name &&
      files_.read_link(folder_of(watch.name) + "/" + file).value_or("") == "current/" + file;
  if (!ours) {
    note(watch.name);
  }
}

void FolderWatch::read_events() {
  alignas(inotify_event) char buffer[16384];
  for (;;) {
    const ssize_t size = ::read(events_, buffer, sizeof buffer);
    if (size <= 0) {
      return;
    }
    for (ssize_t at = 0; at < size;) {
      const auto* event = reinterpret_cast<const inotify_event*>(buffer + at);
      at += static_cast<ssize_t>(sizeof(inotify_event) + event->len);
      if ((event->mask & IN_Q_OVERFLOW) != 0) {
        compare_names();
        for (const auto& [name, numbers] : numbers_) {
          follow_version(name);
          note(name);
        }
        continue;
      }
      const auto found = watches_.find(event->wd);
      if (found == watches_.end()) {
        continue;
      }
      const Watch watch = found->second;
      if ((event->mask & IN_IGNORED) == 0) {
        take(watch, event->mask, event->len == 0 ? "" : event->name);
        continue;
      }
      // The folder is gone.
      watches_.erase(found);
      if (watch.kind == Kind::name && numbers_.contains(watch.name)) {
        forget(watch.name);
      } else if (watch.kind == Kind::version && numbers_.contains(watch.name)) {
        int& version = numbers_.at(watch.name).second;
        if (version == event->wd) {
          version = -1;
          note(watch.name);
        }
      }
    }
  }
}

std::string FolderWatch::signature(const std::string& name) {
  const std::string folder = folder_of(name);
  std::string words = stat_words(folder + "/current", false);
  for (const char* file : kCertificateFiles) {
    words += fmt::format(" {}", stat_words(fmt::format("{}/{}", folder, file), false));
    words += fmt::format(" {}", stat_words(fmt::format("{}/current/{}", folder, file), true));
  }
  return words;
}

void FolderWatch::poll_folders() {
  if (!root_watched_) {
    compare_names();
  }
  for (auto& [name, known] : polled_) {
    std::string now = signature(name);
    if (now != known) {
      known = std::move(now);
      note(name);
    }
  }
}

std::vector<std::string> FolderWatch::take_due() {
  const SteadyTime now = steady_clock::now();
  std::vector<std::string> names;
  for (const auto& [name, due] : due_) {
    if (due.at <= now) {
      names.push_back(name);
    }
  }
  for (const std::string& name : names) {
    due_.erase(name);
  }
  return names;
}

int FolderWatch::milliseconds_to_wait(milliseconds longest) const {
  const SteadyTime now = steady_clock::now();
  SteadyTime until = now + longest;
  for (const auto& [name, due] : due_) {
    until = std::min(until, due.at);
  }
  if (!root_watched_ || !polled_.empty()) {
    until = std::min(until, next_poll_);
  }
  // Rounded up, so that the time has come when the wait ends.
  return static_cast<int>(std::max<std::int64_t>(0, ceil<milliseconds>(until - now).count()));
}

std::vector<std::string> FolderWatch::wait(milliseconds longest) {
  const SteadyTime until = steady_clock::now() + longest;
  for (;;) {
    auto names = take_due();
    const auto left = ceil<milliseconds>(until - steady_clock::now());
    if (!names.empty() || left.count() <= 0) {
      return names;
    }
    pollfd sources[] = {{.fd = wake_, .events = POLLIN, .revents = 0},
                        {.fd = events_, .events = POLLIN, .revents = 0}};
    ::poll(sources, 2, milliseconds_to_wait(left));
    if ((sources[0].revents & POLLIN) != 0) {
      std::uint64_t count = 0;
      static_cast<void>(::read(wake_, &count, sizeof count) == sizeof count);
      return {};
    }
    read_events();
    if ((!root_watched_ || !polled_.empty()) && steady_clock::now() >= next_poll_) {
      poll_folders();
      next_poll_ = steady_clock::now() + options_.poll_period;
    }
  }
}

}  // namespace podplay::control
