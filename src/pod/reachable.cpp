// Non-blocking connections and one poll(2): a firewall that drops packets costs the timeout once.
#include "pod/reachable.hpp"

#include <arpa/inet.h>
#include <fmt/format.h>
#include <netinet/in.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>

namespace podplay::pod {
namespace {

using Time = std::chrono::steady_clock::time_point;

struct Attempt {
  const PublishedPort* port = nullptr;
  int fd = -1;
  // 0: connected; -1: not known yet; otherwise errno.
  int result = -1;
};

int begin_connection(const PublishedPort& port, Attempt& attempt) {
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_port = ::htons(static_cast<std::uint16_t>(port.port));
  const bool any = port.address.empty() || port.address == "0.0.0.0" || port.address == "::";
  if (::inet_pton(AF_INET, any ? "127.0.0.1" : port.address.c_str(), &address.sin_addr) != 1) {
    return 0;
  }
  attempt.fd = ::socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
  if (attempt.fd < 0) {
    return 0;
  }
  const auto* general = reinterpret_cast<const sockaddr*>(&address);  // NOLINT: as connect(2) wants
  if (::connect(attempt.fd, general, sizeof address) == 0) {
    return 0;
  }
  return errno == EINPROGRESS ? -1 : errno;
}

void finish(Attempt& attempt) {
  int error = 0;
  socklen_t size = sizeof error;
  ::getsockopt(attempt.fd, SOL_SOCKET, SO_ERROR, &error, &size);
  attempt.result = error;
}

void wait_for_all(std::vector<Attempt>& attempts, Time until) {
  for (;;) {
    std::vector<pollfd> waiting;
    std::vector<Attempt*> of;
    for (Attempt& attempt : attempts) {
      if (attempt.result == -1) {
        waiting.push_back({.fd = attempt.fd, .events = POLLOUT, .revents = 0});
        of.push_back(&attempt);
      }
    }
    const auto left = std::chrono::duration_cast<std::chrono::milliseconds>(
        until - std::chrono::steady_clock::now());
    if (waiting.empty() || left.count() <= 0 ||
        ::poll(waiting.data(), waiting.size(), static_cast<int>(left.count())) <= 0) {
      return;
    }
    for (std::size_t i = 0; i < waiting.size(); ++i) {
      if (waiting[i].revents != 0) {
        finish(*of[i]);
      }
    }
  }
}

}  // namespace

std::vector<std::string> unreachable_ports(const std::vector<PublishedPort>& ports,
                                           std::chrono::milliseconds timeout) {
  const Time until = std::chrono::steady_clock::now() + timeout;
  std::vector<Attempt> attempts;
  for (const PublishedPort& port : ports) {
    if (!port.udp) {
      Attempt attempt{.port = &port};
      attempt.result = begin_connection(port, attempt);
      attempts.push_back(attempt);
    }
  }
  wait_for_all(attempts, until);
  std::vector<std::string> unreachable;
  for (const Attempt& attempt : attempts) {
    if (attempt.fd >= 0) {
      ::close(attempt.fd);
    }
    if (attempt.result != 0) {
      unreachable.push_back(
          fmt::format("{}:{} ({} of {}): {}", attempt.port->address, attempt.port->port,
                      attempt.port->name, attempt.port->container,
                      attempt.result == -1 ? "no answer" : std::strerror(attempt.result)));
    }
  }
  return unreachable;
}

}  // namespace podplay::pod
