// Runs before anything else in the pod, so nobody moves a folder meanwhile. What has the right
// owner and mode already is not written again.
#include "control/volumes.hpp"

#include <fcntl.h>
#include <fmt/format.h>
#include <grp.h>
#include <pwd.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <filesystem>

#include "control/watch/logs.hpp"

namespace podplay::control {
namespace {

namespace fs = std::filesystem;

// -1: stays as it is.
constexpr auto kAnyUser = static_cast<uid_t>(-1);

std::unexpected<Error> failed(const char* what, const std::string& path, int number) {
  return fail(ErrorKind::io, "volumes",
              fmt::format("cannot {} {}: {}", what, path, std::strerror(number)),
              "the init container needs the capabilities CHOWN, DAC_OVERRIDE, FOWNER and FSETID");
}

struct Owner {
  uid_t user = kAnyUser;
  gid_t group = 0;
};

Status give_one(const std::string& path, const Owner& owner) {
  struct stat now{};
  if (::lstat(path.c_str(), &now) != 0) {
    return failed("read the owner of", path, errno);
  }
  const bool same_user = owner.user == kAnyUser || now.st_uid == owner.user;
  if (same_user && now.st_gid == owner.group) {
    return {};
  }
  if (::lchown(path.c_str(), owner.user, owner.group) != 0) {
    return failed("change the owner of", path, errno);
  }
  return {};
}

// Services write beside these folders. A link in the place of one would give them what it leads to.
Status check_folder(const std::string& path) {
  struct stat now{};
  if (::lstat(path.c_str(), &now) != 0) {
    return failed("read the owner of", path, errno);
  }
  if (S_ISDIR(now.st_mode)) {
    return {};
  }
  return fail(ErrorKind::io, "volumes", fmt::format("{} is a link or a file, not a folder", path),
              "find out who put it there, then remove it and start again");
}

// The folder and all below it. Files of `keep_group` keep their group.
Status give_tree(const std::string& folder, const Owner& owner, gid_t keep_group) {
  TRY(check_folder(folder));
  std::error_code error;
  for (fs::recursive_directory_iterator entry(folder, error), end; !error && entry != end;
       entry.increment(error)) {
    const std::string path = entry->path().string();
    struct stat now{};
    const bool kept = ::lstat(path.c_str(), &now) == 0 && now.st_gid == keep_group;
    TRY(give_one(path, {.user = owner.user, .group = kept ? keep_group : owner.group}));
  }
  if (error) {
    return failed("list", folder, error.value());
  }
  return give_one(folder, owner);
}

// Files that are made in the folder get its group.
Status share_with_group(const std::string& folder) {
  struct stat now{};
  if (::chmod(folder.c_str(), 02755) != 0 || ::stat(folder.c_str(), &now) != 0) {
    return failed("change the mode of", folder, errno);
  }
  // Without the capability FSETID the kernel leaves the bit out and reports no error.
  if ((now.st_mode & S_ISGID) == 0) {
    return failed("set the group bit of", folder, EPERM);
  }
  return {};
}

Result<const passwd*> control_user() {
  const passwd* user = ::getpwnam(kControlUser);
  if (user == nullptr) {
    return fail(ErrorKind::io, "user_unknown",
                fmt::format("there is no user {} in this image", kControlUser), "run: make images");
  }
  return user;
}

Result<gid_t> group_id(const char* name) {
  const group* found = ::getgrnam(name);
  if (found == nullptr) {
    return fail(ErrorKind::io, "group_unknown",
                fmt::format("there is no group {} in this image", name), "run: make images");
  }
  return found->gr_gid;
}

Status give_folders(const Paths& paths) {
  TRY(const passwd* user, control_user());
  const Owner control{.user = user->pw_uid, .group = user->pw_gid};
  TRY(const gid_t keys, group_id(kKeyGroup));
  TRY(const gid_t readers, group_id(kLogGroup));
  TRY(give_tree(paths.state, control, control.group));
  TRY(give_tree(paths.certificates, control, keys));
  for (const std::string_view name : kLogFolders) {
    const std::string folder = fmt::format("{}/{}", paths.logs, name);
    const bool ours = name == "api" || name == "certs";
    TRY(give_tree(folder, {.user = ours ? control.user : kAnyUser, .group = readers}, readers));
    TRY(share_with_group(folder));
  }
  for (const ServiceName service : kServices) {
    const std::string folder = fmt::format("{}/{}", paths.enrolment, to_text(service));
    TRY(give_tree(folder, control, control.group));
  }
  return {};
}

}  // namespace

Status prepare_volumes(const Paths& paths) {
  RealFiles real;
  Files& files = real;
  for (const std::string_view folder : kLogFolders) {
    TRY(files.make_dirs(fmt::format("{}/{}", paths.logs, folder)));
  }
  TRY(files.make_dirs(paths.user_data + "/users"));
  TRY(files.make_dirs(paths.user_data + "/www"));
  TRY(files.make_dirs(paths.state));
  TRY(files.make_dirs(paths.certificates));
  for (const ServiceName service : kServices) {
    TRY(files.make_dirs(fmt::format("{}/{}", paths.enrolment, to_text(service)), 0700));
  }
  if (::geteuid() == 0) {
    TRY(give_folders(paths));
  }
  return {};
}

Status become_control_user() {
  if (::geteuid() != 0) {
    return {};
  }
  TRY(const passwd* user, control_user());
  // The last step drops all capabilities. No going back after this.
  if (::initgroups(user->pw_name, user->pw_gid) != 0 || ::setgid(user->pw_gid) != 0 ||
      ::setuid(user->pw_uid) != 0) {
    return fail(ErrorKind::io, "become_user",
                fmt::format("cannot become {}: {}", kControlUser, std::strerror(errno)),
                "the init container needs the capabilities SETUID and SETGID");
  }
  return {};
}

}  // namespace podplay::control
