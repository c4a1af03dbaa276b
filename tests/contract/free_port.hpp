// Ports for servers of tests.
#pragma once

#include <arpa/inet.h>
#include <sys/socket.h>
#include <unistd.h>

#include <random>
#include <stdexcept>

namespace podplay::test {

// A TCP port of 127.0.0.1 that nobody listens on. It is none of those that the kernel gives to
// clients (32768 and above): before the server takes it, a client of a test beside this one could
// have it, and a client that waits for the server could connect to itself.
inline int free_port() {
  static std::mt19937 chance{std::random_device{}()};
  std::uniform_int_distribution<int> ports(12000, 31999);
  for (int tries = 0; tries < 100; ++tries) {
    const int port = ports(chance);
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    address.sin_port = htons(static_cast<std::uint16_t>(port));
    const int fd = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    const bool is_free =
        ::bind(fd, reinterpret_cast<const sockaddr*>(&address), sizeof address) == 0;
    ::close(fd);
    if (is_free) {
      return port;
    }
  }
  throw std::runtime_error("no free port");
}

}  // namespace podplay::test
