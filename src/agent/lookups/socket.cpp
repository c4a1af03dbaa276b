// The caller closes what it gets.
#include "agent/lookups/socket.hpp"

#include <fmt/format.h>
#include <grp.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>

namespace podplay::agent {
namespace {

constexpr int kBacklog = 128;

Result<sockaddr_un> address_of(const std::string& path) {
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  if (path.size() >= sizeof address.sun_path) {
    return fail(ErrorKind::internal, "socket",
                fmt::format("the path {} is too long for a socket", path));
  }
  path.copy(address.sun_path, path.size());
  return address;
}

const sockaddr* plain(const sockaddr_un& address) {
  return reinterpret_cast<const sockaddr*>(&address);
}

Status let_in(const std::string& path, const std::string& group) {
  if (!group.empty()) {
    const struct group* entry = ::getgrnam(group.c_str());
    if (entry == nullptr) {
      return fail(ErrorKind::io, "group_unknown",
                  fmt::format("there is no group '{}' to own the socket {}", group, path));
    }
    if (::chown(path.c_str(), static_cast<uid_t>(-1), entry->gr_gid) != 0) {
      return socket_error("change the group of", path);
    }
  }
  if (::chmod(path.c_str(), 0660) != 0) {
    return socket_error("change the mode of", path);
  }
  return {};
}

}  // namespace

std::unexpected<Error> socket_error(std::string_view attempt, const std::string& path) {
  return fail(ErrorKind::io, "socket",
              fmt::format("cannot {} the socket {}: {}", attempt, path, std::strerror(errno)));
}

Result<int> listen_unix(const std::string& path, const std::string& group) {
  TRY(const auto address, address_of(path));
  const int fd = ::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
  if (fd < 0) {
    return socket_error("make", path);
  }
  ::unlink(path.c_str());
  Status ready;
  if (::bind(fd, plain(address), sizeof address) != 0 || ::listen(fd, kBacklog) != 0) {
    ready = socket_error("listen on", path);
  }
  if (ready) {
    ready = let_in(path, group);
  }
  if (!ready) {
    ::close(fd);
    return std::unexpected(ready.error());
  }
  return fd;
}

Result<int> connect_unix(const std::string& path) {
  TRY(const auto address, address_of(path));
  const int fd = ::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
  if (fd < 0 || ::connect(fd, plain(address), sizeof address) != 0) {
    const auto error = socket_error("ask at", path);
    if (fd >= 0) {
      ::close(fd);
    }
    return error;
  }
  return fd;
}

}  // namespace podplay::agent
