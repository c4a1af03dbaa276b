// The real file system. A write that returned is on the disk: the file is synced before it is
// renamed into its place, and the folder after that.
#include "base/files.hpp"

#include <fcntl.h>
#include <fmt/format.h>
#include <grp.h>
#include <pwd.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <filesystem>

namespace podplay {
namespace fs = std::filesystem;
namespace {

std::string remedy_of(int error) {
  switch (error) {
    case ENOSPC: return "free some space on this volume";
    case EROFS: return "this path is read-only here; mount it writable";
    case EACCES: return "check owner and mode of the path and its folders";
    default: return {};
  }
}

std::unexpected<Error> io_error(std::string_view attempt, const std::string& path, int error) {
  const ErrorKind kind = error == ENOENT ? ErrorKind::not_found : ErrorKind::io;
  return fail(kind, error == ENOSPC ? "disk_full" : "file",
              fmt::format("cannot {} {}: {}", attempt, path, std::strerror(error)),
              remedy_of(error));
}

// Closes what it holds.
struct Descriptor {
  int fd;
  explicit Descriptor(int value) : fd(value) {}
  Descriptor(const Descriptor&) = delete;
  Descriptor& operator=(const Descriptor&) = delete;
  ~Descriptor() {
    if (fd >= 0) {
      ::close(fd);
    }
  }
};

Status sync_folder(const std::string& path) {
  const Descriptor folder(::open(path.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  if (folder.fd < 0 || ::fsync(folder.fd) != 0) {
    return io_error("sync folder", path, errno);
  }
  return {};
}

Status write_all(int fd, std::string_view content, const std::string& path) {
  while (!content.empty()) {
    const ssize_t written = ::write(fd, content.data(), content.size());
    if (written < 0 && errno == EINTR) {
      continue;
    }
    if (written < 0) {
      return io_error("write", path, errno);
    }
    content.remove_prefix(static_cast<std::size_t>(written));
  }
  return {};
}

Status set_owner(int fd, const FileOwner& owner, const std::string& path) {
  if (owner.user.empty() && owner.group.empty()) {
    return {};
  }
  uid_t uid = static_cast<uid_t>(-1);
  gid_t gid = static_cast<gid_t>(-1);
  if (!owner.user.empty()) {
    const passwd* entry = ::getpwnam(owner.user.c_str());
    if (entry == nullptr) {
      return fail(ErrorKind::io, "user_unknown",
                  fmt::format("there is no user '{}' to own {}", owner.user, path));
    }
    uid = entry->pw_uid;
  }
  if (!owner.group.empty()) {
    const group* entry = ::getgrnam(owner.group.c_str());
    if (entry == nullptr) {
      return fail(ErrorKind::io, "group_unknown",
                  fmt::format("there is no group '{}' to own {}", owner.group, path));
    }
    gid = entry->gr_gid;
  }
  if (::fchown(fd, uid, gid) != 0) {
    return io_error("change the owner of", path, errno);
  }
  return {};
}

std::string parent(const std::string& path) { return fs::path(path).parent_path().string(); }

}  // namespace

Result<std::string> RealFiles::read(const std::string& path) {
  const Descriptor file(::open(path.c_str(), O_RDONLY | O_CLOEXEC));
  if (file.fd < 0) {
    return io_error("read", path, errno);
  }
  std::string content;
  char buffer[65536];
  for (;;) {
    const ssize_t got = ::read(file.fd, buffer, sizeof buffer);
    if (got < 0 && errno == EINTR) {
      continue;
    }
    if (got < 0) {
      return io_error("read", path, errno);
    }
    if (got == 0) {
      return content;
    }
    content.append(buffer, static_cast<std::size_t>(got));
  }
}

bool RealFiles::exists(const std::string& path) {
  struct stat info{};
  return ::lstat(path.c_str(), &info) == 0;
}

Status RealFiles::write_atomic(const std::string& path, std::string_view content, unsigned mode,
                               const FileOwner& owner) {
  const std::string beside = fmt::format("{}.new.{}", path, ::getpid());
  // A link that somebody else put there is not followed, since the folder may be a daemon's.
  ::unlink(beside.c_str());
  {
    const Descriptor file(::open(beside.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600));
    if (file.fd < 0) {
      return io_error("create", beside, errno);
    }
    Status done = write_all(file.fd, content, beside);
    if (done) {
      done = set_owner(file.fd, owner, beside);
    }
    if (done && ::fchmod(file.fd, mode) != 0) {
      done = io_error("change the mode of", beside, errno);
    }
    if (done && ::fsync(file.fd) != 0) {
      done = io_error("sync", beside, errno);
    }
    if (!done) {
      ::unlink(beside.c_str());
      return done;
    }
  }
  if (::rename(beside.c_str(), path.c_str()) != 0) {
    return io_error("rename into place", path, errno);
  }
  return sync_folder(parent(path));
}

Status RealFiles::write_new(const std::string& path, std::string_view content, unsigned mode,
                            const FileOwner& owner) {
  const Descriptor file(::open(path.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600));
  if (file.fd < 0) {
    return io_error("create", path, errno);
  }
  TRY(write_all(file.fd, content, path));
  TRY(set_owner(file.fd, owner, path));
  if (::fchmod(file.fd, mode) != 0) {
    return io_error("set the mode of", path, errno);
  }
  return {};
}

Status RealFiles::sync_volume(const std::string& path) {
  const Descriptor folder(::open(path.c_str(), O_RDONLY | O_CLOEXEC));
  if (folder.fd < 0 || ::syncfs(folder.fd) != 0) {
    return io_error("sync the volume of", path, errno);
  }
  return {};
}

Status RealFiles::make_dirs(const std::string& path, unsigned mode) {
  std::error_code error;
  std::vector<fs::path> missing;
  for (fs::path at = path; !at.empty() && !fs::exists(at, error); at = at.parent_path()) {
    missing.push_back(at);
  }
  for (const fs::path& folder : std::vector<fs::path>(missing.rbegin(), missing.rend())) {
    const bool made = ::mkdir(folder.c_str(), 0755) == 0;
    if (!made && (errno != EEXIST || !fs::is_directory(folder, error))) {
      return io_error("create folder", folder.string(), errno == EEXIST ? ENOTDIR : errno);
    }
    // Only what was made here: anything else that appeared meanwhile may be a link.
    if (made && ::fchmodat(AT_FDCWD, folder.c_str(), mode, AT_SYMLINK_NOFOLLOW) != 0) {
      return io_error("change the mode of", folder.string(), errno);
    }
  }
  return {};
}

Result<std::vector<std::string>> RealFiles::list(const std::string& path) {
  std::error_code error;
  std::vector<std::string> names;
  for (fs::directory_iterator at(path, error), end; !error && at != end; at.increment(error)) {
    names.push_back(at->path().filename());
  }
  if (error) {
    return io_error("list", path, error.value());
  }
  std::ranges::sort(names);
  return names;
}

Result<std::vector<std::string>> RealFiles::list_tree(const std::string& path) {
  std::error_code error;
  std::vector<std::string> names;
  for (fs::recursive_directory_iterator at(path, error), end; !error && at != end;
       at.increment(error)) {
    if (at->is_regular_file(error)) {
      names.push_back(fs::relative(at->path(), path).string());
    }
  }
  if (error) {
    return io_error("list", path, error.value());
  }
  std::ranges::sort(names);
  return names;
}

Status RealFiles::swap_link(const std::string& target, const std::string& link) {
  const std::string beside = fmt::format("{}.new.{}", link, ::getpid());
  ::unlink(beside.c_str());
  if (::symlink(target.c_str(), beside.c_str()) != 0) {
    return io_error("create link", beside, errno);
  }
  if (::rename(beside.c_str(), link.c_str()) != 0) {
    return io_error("rename into place", link, errno);
  }
  return sync_folder(parent(link));
}

Status RealFiles::add_link(const std::string& target, const std::string& link) {
  if (::symlink(target.c_str(), link.c_str()) == 0) {
    return sync_folder(parent(link));
  }
  return errno == EEXIST ? Status{} : io_error("create link", link, errno);
}

Result<std::string> RealFiles::read_link(const std::string& link) {
  std::error_code error;
  const fs::path target = fs::read_symlink(link, error);
  if (error) {
    return io_error("read link", link, error.value());
  }
  return target.string();
}

Status RealFiles::rename(const std::string& from, const std::string& to) {
  if (::rename(from.c_str(), to.c_str()) != 0) {
    return io_error("rename", from + " to " + to, errno);
  }
  return sync_folder(parent(to));
}

Status RealFiles::remove_tree(const std::string& path) {
  std::error_code error;
  fs::remove_all(path, error);
  if (error) {
    return io_error("remove", path, error.value());
  }
  return {};
}

}  // namespace podplay
