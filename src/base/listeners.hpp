// The sockets that wait for connections in this pod. All containers of the pod share one network,
// so every container sees all of them, but knows only the owners of its own.
#pragma once

#include <sys/types.h>

#include <cstdint>
#include <string>
#include <vector>

namespace podplay {

struct ListeningSocket {
  // "tcp" or "udp".
  std::string protocol;
  // "0.0.0.0", "127.0.0.1", "::".
  std::string address;
  int port = 0;
  // Of the process that opened it.
  uid_t uid = 0;
  std::uint64_t inode = 0;
  // The process of this container that has it open; 0: none that is known.
  pid_t pid = 0;
  // Connections that wait to be accepted.
  std::int64_t waiting = 0;
};

// By protocol, port and address. `root` as for read_processes().
std::vector<ListeningSocket> read_listeners(const std::string& root = "");

}  // namespace podplay
