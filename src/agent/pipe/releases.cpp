// A release is complete once its description file is there, which is written last; it is good once
// its marker is there. Removing takes the marker first, so that a half-removed release never counts
// as good. One symbolic link names the current one.
#include "agent/pipe/releases.hpp"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <filesystem>
#include <map>
#include <mutex>
#include <set>

#include "base/numbers.hpp"
#include "wire/snapshot.hpp"

namespace podplay::agent {
namespace {

namespace fs = std::filesystem;
constexpr const char* kDescription = "/.release.json";
constexpr const char* kGood = "/.good";
constexpr std::size_t kKeptGood = 3;

std::unexpected<Error> file_error(std::string_view attempt, const std::string& path) {
  return fail(ErrorKind::io, errno == ENOSPC ? "disk_full" : "file",
              fmt::format("cannot {} {}: {}", attempt, path, std::strerror(errno)),
              errno == ENOSPC ? "free some space on this volume" : "");
}

Status sync_path(const std::string& path) {
  const int fd = ::open(path.c_str(), O_RDONLY | O_CLOEXEC);
  if (fd < 0) {
    return file_error("open", path);
  }
  const bool synced = ::fsync(fd) == 0;
  const auto failed = file_error("sync", path);
  ::close(fd);
  if (!synced) {
    return failed;
  }
  return {};
}

Status write_file(const std::string& path, const ReleaseFile& file, bool sync) {
  const int fd = ::open(path.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
  if (fd < 0) {
    return file_error("create", path);
  }
  std::string_view rest = file.content;
  bool done = true;
  while (done && !rest.empty()) {
    const ssize_t written = ::write(fd, rest.data(), rest.size());
    if (written < 0 && errno == EINTR) {
      continue;
    }
    done = written >= 0;
    if (done) {
      rest.remove_prefix(static_cast<std::size_t>(written));
    }
  }
  done = done && ::fchmod(fd, file.mode) == 0 && (!sync || ::fsync(fd) == 0);
  const auto failed = file_error("write", path);
  ::close(fd);
  if (!done) {
    return failed;
  }
  return {};
}

bool stays_inside(const std::string& path) {
  const fs::path normal = fs::path(path).lexically_normal();
  return !path.empty() && normal.is_relative() && *normal.begin() != ".." && !path.starts_with('.');
}

// Writes every file below `folder`, or links it when `unchanged` names an equal one. With `sync`,
// all of it is on disk afterwards.
Status write_tree(const std::string& folder, const std::vector<ReleaseFile>& files, bool sync,
                  const std::map<std::string, std::string>& unchanged) {
  std::set<std::string> folders{folder};
  std::error_code error;
  fs::create_directories(folder, error);
  for (const ReleaseFile& file : files) {
    if (!stays_inside(file.path)) {
      return fail(ErrorKind::internal, "bad_path",
                  fmt::format("'{}' is not a path inside a release", file.path));
    }
    const std::string path = fmt::format("{}/{}", folder, file.path);
    const fs::path parent = fs::path(path).parent_path();
    fs::create_directories(parent, error);
    for (fs::path at = parent; at.string().size() > folder.size(); at = at.parent_path()) {
      folders.insert(at.string());
    }
    const auto same = unchanged.find(file.path);
    if (same != unchanged.end() && ::link(same->second.c_str(), path.c_str()) == 0) {
      continue;
    }
    TRY(write_file(path, file, sync));
  }
  for (auto at = folders.rbegin(); sync && at != folders.rend(); ++at) {
    TRY(sync_path(*at));
  }
  return {};
}

unsigned mode_of(const std::string& path) {
  struct stat info{};
  return ::stat(path.c_str(), &info) == 0 ? info.st_mode & 07777 : 0;
}

}  // namespace

Releases::Releases(Files& files, std::string root, Logger log)
    : files_(files), root_(std::move(root)), log_(std::move(log)) {}

std::string Releases::folder_of(std::uint64_t number) const {
  return fmt::format("{}/releases/{}", root_, number);
}

Result<std::vector<std::uint64_t>> Releases::numbers() const {
  TRY(const auto names, files_.list(root_ + "/releases"));
  std::vector<std::uint64_t> numbers;
  for (const std::string& name : names) {
    if (const auto number = parse_number<std::uint64_t>(name)) {
      numbers.push_back(*number);
    }
  }
  std::ranges::sort(numbers);
  return numbers;
}

Result<Release> Releases::load(std::uint64_t number) const {
  const std::string folder = folder_of(number);
  TRY(const auto text, files_.read(folder + kDescription));
  const wire::Json description = wire::Json::parse(text, nullptr, false);
  if (!description.is_object() || !description.contains("snapshot")) {
    return fail(ErrorKind::io, "release_damaged",
                fmt::format("{}{} is damaged", folder, kDescription));
  }
  TRY(auto snapshot, wire::snapshot_from_json(description["snapshot"]));
  std::string hash = wire::snapshot_hash(snapshot);
  return Release{.number = number,
                 .folder = folder,
                 .snapshot = std::move(snapshot),
                 .hash = std::move(hash),
                 .good = files_.exists(folder + kGood)};
}

void Releases::look() {
  constexpr std::string_view kReleases = "releases/";
  const std::scoped_lock lock(mutex_);
  current_.reset();
  if (const auto link = files_.read_link(root_ + "/current");
      link && link->starts_with(kReleases)) {
    // A link that names no number is as damaged as one that names no release: there is no release
    // 0.
    const std::string_view name = std::string_view(*link).substr(kReleases.size());
    auto release = load(parse_number<std::uint64_t>(name).value_or(0));
    if (release) {
      current_ = std::move(*release);
    } else {
      log_.error("the current release cannot be used", {{"error", release.error().message}});
    }
  }
}

Status Releases::open() {
  TRY(files_.make_dirs(root_ + "/releases"));
  look();
  TRY(const auto all, numbers());
  // After a crash between install and the probes, the last good release is the better one to start
  // with.
  if (!current_ || !current_->good) {
    for (auto number = all.rbegin(); number != all.rend(); ++number) {
      auto release = load(*number);
      if (!release || !release->good) {
        continue;
      }
      log_.warn("starting with the last good release",
                {{"release", *number}, {"revision", release->snapshot.revision}});
      TRY(install(*release));
      break;
    }
  }
  for (const std::uint64_t number : all) {
    if (current_ && number == current_->number) {
      continue;
    }
    if (files_.exists(folder_of(number) + kGood)) {
      continue;
    }
    log_.debug("removing a release that was never proven", {{"release", number}});
    TRY(files_.remove_tree(folder_of(number)));
  }
  return {};
}

Result<Changes> Releases::changes(const std::vector<ReleaseFile>& files) const {
  const std::shared_lock lock(mutex_);
  return compare(files);
}

Result<Changes> Releases::compare(const std::vector<ReleaseFile>& files) const {
  Changes changed;
  std::set<std::string> wanted;
  for (const ReleaseFile& file : files) {
    wanted.insert(file.path);
    const std::string path = current_ ? fmt::format("{}/{}", current_->folder, file.path) : "";
    const auto before =
        current_ ? files_.read(path) : Result<std::string>(fail(ErrorKind::not_found, "", ""));
    if (!before || *before != file.content || mode_of(path) != file.mode) {
      changed.push_back(file.path);
    }
  }
  if (current_) {
    TRY(const auto present, files_.list_tree(current_->folder));
    for (const std::string& path : present) {
      if (!path.starts_with('.') && !wanted.contains(path)) {
        changed.push_back(path);
      }
    }
  }
  std::ranges::sort(changed);
  return changed;
}

Result<std::string> Releases::diff(const std::vector<ReleaseFile>& files) const {
  const std::shared_lock lock(mutex_);
  TRY(const auto changed, compare(files));
  std::map<std::string, const ReleaseFile*> wanted;
  for (const ReleaseFile& file : files) {
    wanted.emplace(file.path, &file);
  }
  std::string text;
  for (const std::string& path : changed) {
    const std::string before =
        current_ ? files_.read(fmt::format("{}/{}", current_->folder, path)).value_or("") : "";
    const auto after = wanted.find(path);
    const std::string part =
        unified_diff(before, after == wanted.end() ? "" : after->second->content, path);
    text += part.empty() ? fmt::format("mode of {} changes\n", path) : part;
  }
  return text;
}

Result<Release> Releases::write(const std::vector<ReleaseFile>& files, const Snapshot& snapshot,
                                const std::string& hash) {
  TRY(const auto all, numbers());
  const std::uint64_t number = all.empty() ? 1 : all.back() + 1;
  TRY(const auto changed, changes(files));
  std::map<std::string, std::string> unchanged;
  for (const ReleaseFile& file : files) {
    if (current_ && !std::ranges::binary_search(changed, file.path)) {
      unchanged.emplace(file.path, fmt::format("{}/{}", current_->folder, file.path));
    }
  }
  Release release{
      .number = number, .folder = folder_of(number), .snapshot = snapshot, .hash = hash};
  Status written = write_tree(release.folder, files, true, unchanged);
  const wire::Json description{
      {"revision", snapshot.revision}, {"hash", hash}, {"snapshot", wire::to_json(snapshot)}};
  if (written) {
    written = files_.write_atomic(release.folder + kDescription, description.dump(1) + "\n", 0600);
  }
  if (written) {
    written = sync_path(root_ + "/releases");
  }
  if (written) {
    return release;
  }
  // The first error is the one to report.
  static_cast<void>(files_.remove_tree(release.folder));
  return std::unexpected(written.error());
}

Status Releases::write_to(const std::string& folder, const std::vector<ReleaseFile>& files) const {
  return write_tree(folder, files, false, {});
}

Status Releases::install(const Release& release) {
  const std::scoped_lock lock(mutex_);
  return install_locked(release);
}

Status Releases::install_locked(const Release& release) {
  if (Status swapped =
          files_.swap_link(fmt::format("releases/{}", release.number), root_ + "/current");
      !swapped) {
    // The link may have been swapped without being safe on disk, so it is set back to the running
    // release.
    if (current_) {
      static_cast<void>(
          files_.swap_link(fmt::format("releases/{}", current_->number), root_ + "/current"));
    }
    return swapped;
  }
  current_ = release;
  return {};
}

Status Releases::mark_good() {
  const std::scoped_lock lock(mutex_);
  if (!current_) {
    return {};
  }
  if (!current_->good) {
    TRY(files_.write_atomic(current_->folder + kGood, "", 0644));
    current_->good = true;
  }
  TRY(const auto all, numbers());
  std::size_t good = 0;
  for (auto number = all.rbegin(); number != all.rend(); ++number) {
    if (*number == current_->number) {
      continue;
    }
    // The current one is one of the three.
    if (files_.exists(folder_of(*number) + kGood) && ++good < kKeptGood) {
      continue;
    }
    TRY(remove(folder_of(*number)));
  }
  return {};
}

Result<bool> Releases::roll_back() {
  const std::scoped_lock lock(mutex_);
  TRY(const auto all, numbers());
  for (auto number = all.rbegin(); number != all.rend(); ++number) {
    if (current_ && *number >= current_->number) {
      continue;
    }
    auto before = load(*number);
    if (!before || !before->good) {
      continue;
    }
    const std::optional<Release> bad = current_;
    TRY(install_locked(*before));
    if (bad) {
      // The old release runs already. The next start removes what is left of the bad one.
      if (Status removed = discard_locked(*bad); !removed) {
        log_.error("cannot remove a bad release", {{"error", removed.error().message}});
      }
    }
    return true;
  }
  return false;
}

Status Releases::discard(const Release& release) {
  const std::scoped_lock lock(mutex_);
  return discard_locked(release);
}

Status Releases::discard_locked(const Release& release) {
  const std::string link = files_.read_link(root_ + "/current").value_or("");
  if ((current_ && current_->number == release.number) ||
      link == fmt::format("releases/{}", release.number)) {
    return {};
  }
  return remove(release.folder);
}

// The marker goes first: a release that a crash left half-removed must not count as good.
Status Releases::remove(const std::string& folder) {
  TRY(files_.remove_tree(folder + kGood));
  return files_.remove_tree(folder);
}

}  // namespace podplay::agent
