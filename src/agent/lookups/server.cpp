// poll(2) over listeners and clients. The connection of a client that sends nonsense is closed. A
// client that does not read its answers is not served until it does.
#include "agent/lookups/server.hpp"

#include <fcntl.h>
#include <fmt/format.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>

#include "agent/lookups/socket.hpp"
#include "base/numbers.hpp"

namespace podplay::agent {
namespace {

// A request is a table and an address or a name; an answer with a certificate is some KiB.
constexpr std::size_t kLongestRequest = 4096;
constexpr std::size_t kMostUnread = 1U << 20U;
constexpr std::size_t kMostDigits = 8;
constexpr auto kClientTimeout = timeval{.tv_sec = 5, .tv_usec = 0};

// "OK value", "NOTFOUND " or "TEMP reason" (socketmap_table(5)); a policy answer without a value
// lets Postfix go on.
std::string reply_of(const Result<std::optional<std::string>>& answer, Framing framing) {
  if (framing == Framing::policy) {
    return fmt::format("action={}\n\n", answer && *answer ? **answer : "DUNNO");
  }
  if (!answer) {
    return netstring("TEMP " + answer.error().message);
  }
  return netstring(answer->has_value() ? "OK " + **answer : "NOTFOUND ");
}

Result<std::optional<std::string_view>> read_request(std::string_view buffer, Framing framing,
                                                     std::size_t& consumed) {
  if (framing == Framing::netstring) {
    return read_netstring(buffer, consumed);
  }
  const std::size_t end = buffer.find("\n\n");
  if (end == buffer.npos) {
    return std::nullopt;
  }
  consumed = end + 2;
  return buffer.substr(0, end);
}

}  // namespace

std::string netstring(std::string_view text) { return fmt::format("{}:{},", text.size(), text); }

Result<std::optional<std::string_view>> read_netstring(std::string_view buffer,
                                                       std::size_t& consumed) {
  const auto bad = [] {
    return fail(ErrorKind::invalid, "bad_netstring", "the request is not a valid netstring");
  };
  const std::size_t colon = buffer.find(':');
  if (colon == buffer.npos) {
    if (buffer.size() > kMostDigits) {
      return bad();
    }
    return std::nullopt;
  }
  const auto size = parse_number<std::size_t>(buffer.substr(0, colon));
  if (colon > kMostDigits || !size || *size > kMostUnread) {
    return bad();
  }
  const std::size_t whole = colon + 1 + *size + 1;
  if (buffer.size() < whole) {
    return std::nullopt;
  }
  if (buffer[whole - 1] != ',') {
    return bad();
  }
  consumed = whole;
  return buffer.substr(colon + 1, *size);
}

LookupServer::LookupServer(Logger log) : log_(std::move(log)) {
  if (::pipe2(wake_, O_CLOEXEC | O_NONBLOCK) != 0) {
    log_.error("cannot make a pipe for the lookup server", {{"error", std::strerror(errno)}});
  }
}

LookupServer::~LookupServer() {
  for (const auto& [fd, client] : clients_) {
    ::close(fd);
  }
  for (const Listener& listener : listeners_) {
    ::close(listener.fd);
  }
  for (const int fd : wake_) {
    ::close(fd);
  }
}

Status LookupServer::listen(LookupSocket socket) {
  TRY(const int fd, listen_unix(socket.path, socket.group));
  listeners_.push_back({.fd = fd, .socket = std::move(socket)});
  return {};
}

void LookupServer::stop() { static_cast<void>(::write(wake_[1], "x", 1)); }

void LookupServer::run() {
  for (;;) {
    std::vector<pollfd> watched{{.fd = wake_[0], .events = POLLIN, .revents = 0}};
    for (const Listener& listener : listeners_) {
      watched.push_back({.fd = listener.fd, .events = POLLIN, .revents = 0});
    }
    for (const auto& [fd, client] : clients_) {
      const short events = client.out.empty() ? POLLIN : POLLOUT;
      watched.push_back({.fd = fd, .events = events, .revents = 0});
    }
    if (::poll(watched.data(), watched.size(), -1) < 0) {
      if (errno == EINTR) {
        continue;
      }
      log_.error("the lookup server cannot wait", {{"error", std::strerror(errno)}});
      return;
    }
    if (watched[0].revents != 0) {
      return;
    }
    for (std::size_t i = 0; i < listeners_.size(); ++i) {
      if (watched[i + 1].revents != 0) {
        accept_from(i);
      }
    }
    for (std::size_t i = listeners_.size() + 1; i < watched.size(); ++i) {
      if (watched[i].revents == 0) {
        continue;
      }
      const int fd = watched[i].fd;
      Client& client = clients_.at(fd);
      const bool open = client.out.empty() ? read_from(fd, client) : write_to(fd, client);
      if (!open) {
        ::close(fd);
        clients_.erase(fd);
      }
    }
  }
}

void LookupServer::accept_from(std::size_t listener) {
  const int fd = ::accept4(listeners_[listener].fd, nullptr, nullptr, SOCK_CLOEXEC | SOCK_NONBLOCK);
  if (fd >= 0) {
    const auto& begin = listeners_[listener].socket.begin;
    clients_[fd] = {.listener = listener, .session = begin ? begin() : nullptr};
  }
}

bool LookupServer::read_from(int fd, Client& client) {
  char buffer[kLongestRequest];
  const ssize_t got = ::read(fd, buffer, sizeof buffer);
  if (got < 0) {
    return errno == EAGAIN || errno == EINTR;
  }
  if (got == 0) {
    return false;
  }
  client.in.append(buffer, static_cast<std::size_t>(got));
  const bool open =
      client.session ? client.session(client.in, client.out) : answer_requests(client);
  return open && write_to(fd, client);
}

bool LookupServer::answer_requests(Client& client) {
  const LookupSocket& socket = listeners_[client.listener].socket;
  for (;;) {
    std::size_t consumed = 0;
    const auto request = read_request(client.in, socket.framing, consumed);
    if (!request || (!*request && client.in.size() > kLongestRequest)) {
      log_.warn("closing a look-up client that sends no valid request", {});
      return false;
    }
    if (!*request) {
      return true;
    }
    const auto answered = socket.answer(**request);
    if (!answered) {
      log_.error("a look-up failed", {{"why", describe(answered.error())}});
    }
    client.out += reply_of(answered, socket.framing);
    client.in.erase(0, consumed);
  }
}

bool LookupServer::write_to(int fd, Client& client) {
  while (!client.out.empty()) {
    const ssize_t sent = ::send(fd, client.out.data(), client.out.size(), MSG_NOSIGNAL);
    if (sent < 0) {
      return errno == EAGAIN || errno == EINTR;
    }
    client.out.erase(0, static_cast<std::size_t>(sent));
  }
  return true;
}

Result<std::string> ask_lookup(const std::string& path, std::string_view request) {
  TRY(const int connected, connect_unix(path));
  struct Descriptor {
    int fd;
    ~Descriptor() { ::close(fd); }
  } const client{connected};
  ::setsockopt(client.fd, SOL_SOCKET, SO_RCVTIMEO, &kClientTimeout, sizeof kClientTimeout);
  const std::string text = netstring(request);
  if (::send(client.fd, text.data(), text.size(), MSG_NOSIGNAL) !=
      static_cast<ssize_t>(text.size())) {
    return socket_error("ask at", path);
  }
  std::string in;
  for (;;) {
    std::size_t consumed = 0;
    TRY(const auto reply, read_netstring(in, consumed));
    if (reply) {
      return std::string(*reply);
    }
    char buffer[kLongestRequest];
    const ssize_t got = ::read(client.fd, buffer, sizeof buffer);
    if (got <= 0) {
      return socket_error("read an answer from", path);
    }
    in.append(buffer, static_cast<std::size_t>(got));
  }
}

}  // namespace podplay::agent
