// Open files of the processes of this container, as /proc/PID/fd shows them, and tables of /proc
// that are parsed here. Internal to looks.
#pragma once

#include <sys/types.h>

#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <vector>

namespace podplay::looks {

struct OpenFile {
  pid_t pid = 0;
  int fd = 0;
  // "/data/logs/mail/mail.log", "socket:[4711]", "pipe:[12]", "anon_inode:[eventpoll]".
  std::string target;
};

struct OpenFiles {
  std::vector<OpenFile> files;
  // Processes whose files may not be read: they are of another user.
  std::vector<pid_t> closed;
};
OpenFiles read_open_files(const std::string& root);
// The inode of "socket:[4711]"; 0: it is no socket.
std::uint64_t socket_inode(std::string_view target);
// By inode: the process with the smallest number, from which the others have inherited it.
std::map<std::uint64_t, pid_t> socket_owners(const OpenFiles& open);

struct UnixSocket {
  std::string path;
  std::uint64_t inode = 0;
  // "stream", "datagram" or "packets".
  std::string_view kind;
};
// The sockets with a path that wait for clients, of /proc/net/unix; sorted by path.
std::vector<UnixSocket> parse_unix_sockets(std::string_view text);

struct LimitFacts {
  // "Max open files"
  std::string name;
  std::string soft;
  std::string hard;
  std::string unit;
};
// The rows of /proc/PID/limits.
std::vector<LimitFacts> parse_limits(std::string_view text);

struct MountFacts {
  std::string point;
  std::string kind;
  std::string source;
  std::string options;
};
// The rows of /proc/self/mountinfo (proc(5)).
std::vector<MountFacts> parse_mounts(std::string_view text);

std::string read_proc(const std::string& path);

}  // namespace podplay::looks
