// Owner and mode are set on a folder that exists already, too: a restored backup may have any
// owner.
#include "daemons/folders.hpp"

#include <fcntl.h>
#include <fmt/format.h>
#include <grp.h>
#include <pwd.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>

namespace podplay::daemons {
namespace {

// `flags`: further ones of open(2).
Status own(const std::string& path, int flags, unsigned mode, const std::string& user,
           const std::string& group) {
  uid_t uid = static_cast<uid_t>(-1);
  gid_t gid = static_cast<gid_t>(-1);
  if (!user.empty()) {
    const passwd* entry = ::getpwnam(user.c_str());
    if (entry == nullptr) {
      return fail(ErrorKind::io, "user_unknown",
                  fmt::format("there is no user '{}' to own {}", user, path));
    }
    uid = entry->pw_uid;
    gid = entry->pw_gid;
  }
  if (!group.empty()) {
    const struct group* entry = ::getgrnam(group.c_str());
    if (entry == nullptr) {
      return fail(ErrorKind::io, "group_unknown",
                  fmt::format("there is no group '{}' to own {}", group, path));
    }
    gid = entry->gr_gid;
  }
  const int file = ::open(path.c_str(), O_RDONLY | flags | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC);
  const bool done = file >= 0 && ::fchown(file, uid, gid) == 0 && ::fchmod(file, mode) == 0;
  const int code = errno;
  if (file >= 0) {
    ::close(file);
  }
  if (!done) {
    return fail(code == ENOENT ? ErrorKind::not_found : ErrorKind::io, "file",
                fmt::format("cannot set owner and mode of {}: {}", path, std::strerror(code)));
  }
  return {};
}

}  // namespace

Status make_folder(const std::string& path, unsigned mode, const std::string& user,
                   const std::string& group) {
  if (::mkdir(path.c_str(), 0700) != 0 && errno != EEXIST) {
    return fail(ErrorKind::io, "file",
                fmt::format("cannot create folder {}: {}", path, std::strerror(errno)),
                errno == EROFS ? "mount a writable volume there" : "");
  }
  return own(path, O_DIRECTORY, mode, user, group);
}

Status set_owner(const std::string& path, unsigned mode, const std::string& user,
                 const std::string& group) {
  return own(path, 0, mode, user, group);
}

Status make_link(const std::string& path, const std::string& target) {
  if ((::unlink(path.c_str()) != 0 && errno != ENOENT) ||
      ::symlink(target.c_str(), path.c_str()) != 0) {
    return fail(ErrorKind::io, "file",
                fmt::format("cannot make the link {}: {}", path, std::strerror(errno)));
  }
  return {};
}

}  // namespace podplay::daemons
