// A restore is one rename that replaces nothing, so the site is there as a whole or not at all.
#include "daemons/restore_site.hpp"

#include <fcntl.h>
#include <fmt/format.h>
#include <unistd.h>

#include <cerrno>
#include <cstdio>
#include <cstring>

namespace podplay::daemons {
namespace {

using Json = nlohmann::json;

}  // namespace

Result<Json> restore_site(const std::string& sites, const DeletedFolders& folders,
                          const DeletedFolder& folder, const Json& arguments) {
  const std::string site = arguments.value("site", "");
  if (site.empty() || site.front() == '.' || site.find('/') != site.npos) {
    return fail(ErrorKind::invalid, "bad_message", "restoring a site needs the site's name");
  }
  const std::string to = fmt::format("{}/{}", sites, site);
  // An empty folder is removed. A folder with files, or a link, stays.
  const bool gone = ::rmdir(to.c_str()) == 0 || errno == ENOENT;
  if (!gone && (errno == ENOTEMPTY || errno == EEXIST || errno == ENOTDIR)) {
    return fail(ErrorKind::refused, "site_not_empty",
                fmt::format("{} has files, and a restore does not overwrite them", site),
                fmt::format("move the files below {} away first", to));
  }
  if (!gone || ::renameat2(AT_FDCWD, folders.path_of(folder).c_str(), AT_FDCWD, to.c_str(),
                           RENAME_NOREPLACE) != 0) {
    const int code = errno;
    return fail(
        ErrorKind::io, "file",
        fmt::format("cannot move {} to {}: {}", folders.path_of(folder), to, std::strerror(code)),
        code == EROFS ? "mount a writable volume there" : "");
  }
  return Json{{"into", to}};
}

}  // namespace podplay::daemons
