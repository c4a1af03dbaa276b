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

Status make_folder(const std::string& path, unsigned mode, const std::string& user,
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
  if (::mkdir(path.c_str(), 0700) != 0 && errno != EEXIST) {
    return fail(ErrorKind::io, "file",
                fmt::format("cannot create folder {}: {}", path, std::strerror(errno)),
                errno == EROFS ? "mount a writable volume there" : "");
  }
  // A link in the place of the folder is not followed.
  const int folder = ::open(path.c_str(), O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
  const bool done = folder >= 0 && ::fchown(folder, uid, gid) == 0 && ::fchmod(folder, mode) == 0;
  const int code = errno;
  if (folder >= 0) {
    ::close(folder);
  }
  if (!done) {
    return fail(ErrorKind::io, "file",
                fmt::format("cannot set owner and mode of {}: {}", path, std::strerror(code)));
  }
  return {};
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
