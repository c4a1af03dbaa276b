// Line protocols over a socket, with or without TLS. A peer that sends nothing, or a line without
// end, is an error after a while, never a wait forever.
#include "net/line_client.hpp"

#include <arpa/inet.h>
#include <fmt/format.h>
#include <netdb.h>
#include <netinet/tcp.h>
#include <openssl/err.h>
#include <openssl/ssl.h>
#include <openssl/x509.h>
#include <poll.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>

#include "base/encoding.hpp"
#include "net/openssl.hpp"

namespace podplay::net {
namespace {

using namespace std::chrono;
// Bytes. A longer line is an error.
constexpr std::size_t kMostLine = 65536;

class Connection final : public LineClient {
 public:
  Connection(int fd, std::string peer, milliseconds timeout)
      : fd_(fd), peer_(std::move(peer)), timeout_(timeout) {
    const timeval limit{timeout.count() / 1000, (timeout.count() % 1000) * 1000};
    ::setsockopt(fd_, SOL_SOCKET, SO_RCVTIMEO, &limit, sizeof limit);
    ::setsockopt(fd_, SOL_SOCKET, SO_SNDTIMEO, &limit, sizeof limit);
  }
  ~Connection() override {
    if (ssl_ != nullptr) {
      SSL_shutdown(ssl_);
    }
    SSL_free(ssl_);
    SSL_CTX_free(context_);
    ::close(fd_);
  }
  Connection(const Connection&) = delete;
  Connection& operator=(const Connection&) = delete;

  Status start_tls(const std::string& server_name, const std::string& protocol) override {
    context_ = SSL_CTX_new(TLS_client_method());
    ssl_ = SSL_new(context_);
    SSL_set_fd(ssl_, fd_);
    return shake_hands(server_name, protocol);
  }

  Status start_old_tls() override {
    context_ = SSL_CTX_new(TLS_client_method());
    SSL_CTX_set_min_proto_version(context_, TLS1_VERSION);
    SSL_CTX_set_max_proto_version(context_, TLS1_1_VERSION);
    // OpenSSL itself would refuse them at its usual level.
    SSL_CTX_set_cipher_list(context_, "ALL:@SECLEVEL=0");
    ssl_ = SSL_new(context_);
    SSL_set_fd(ssl_, fd_);
    return shake_hands({}, {});
  }

  Status shake_hands(const std::string& server_name, const std::string& protocol) {
    if (!server_name.empty()) {
      SSL_ctrl(ssl_, SSL_CTRL_SET_TLSEXT_HOSTNAME, TLSEXT_NAMETYPE_host_name,
               const_cast<char*>(server_name.c_str()));
    }
    if (!protocol.empty()) {
      const std::string offers = static_cast<char>(protocol.size()) + protocol;
      SSL_set_alpn_protos(ssl_, reinterpret_cast<const unsigned char*>(offers.data()),
                          static_cast<unsigned>(offers.size()));
    }
    ERR_clear_error();
    errno = 0;
    const int connected = SSL_connect(ssl_);
    if (connected == 1) {
      return {};
    }
    if (SSL_get_error(ssl_, connected) == SSL_ERROR_WANT_READ) {
      return lost("shake hands with");
    }
    const char* reason = ERR_reason_error_string(ERR_get_error());
    ERR_clear_error();
    return fail(ErrorKind::unavailable, "tls_handshake",
                fmt::format("{} does not complete a TLS handshake: {}", peer_,
                            reason == nullptr ? "the connection ended" : reason));
  }

  Status send_line(const std::string& line) override { return send_raw(line + "\r\n"); }

  Status send_raw(const std::string& bytes) override {
    std::string_view rest = bytes;
    while (!rest.empty()) {
      const auto sent = ssl_ != nullptr
                            ? SSL_write(ssl_, rest.data(), static_cast<int>(rest.size()))
                            : ::send(fd_, rest.data(), rest.size(), MSG_NOSIGNAL);
      if (sent <= 0) {
        return lost("send to");
      }
      rest.remove_prefix(static_cast<std::size_t>(sent));
    }
    return {};
  }

  Result<std::string> read_line() override {
    for (;;) {
      const std::size_t end = buffer_.find('\n');
      if (end != buffer_.npos) {
        std::string line = buffer_.substr(0, end);
        buffer_.erase(0, end + 1);
        if (line.ends_with('\r')) {
          line.pop_back();
        }
        return line;
      }
      if (buffer_.size() > kMostLine) {
        return fail(ErrorKind::unavailable, "line_too_long",
                    fmt::format("{} sends a line without end", peer_));
      }
      char chunk[4096];
      // The end of a connection leaves it as it was, and lost() reads it.
      errno = 0;
      const auto got = ssl_ != nullptr ? SSL_read(ssl_, chunk, sizeof chunk)
                                       : ::recv(fd_, chunk, sizeof chunk, 0);
      if (got <= 0) {
        return std::unexpected(lost("read from").error());
      }
      buffer_.append(chunk, static_cast<std::size_t>(got));
    }
  }

  Result<std::string> read_smtp_reply() override {
    std::string reply;
    for (;;) {
      TRY(auto line, read_line());
      reply += (reply.empty() ? "" : "\n") + line;
      if (line.size() < 4 || line[3] != '-') {
        return reply;
      }
    }
  }

  std::string fingerprint() const override {
    X509* leaf = ssl_ == nullptr ? nullptr : SSL_get1_peer_certificate(ssl_);
    if (leaf == nullptr) {
      return {};
    }
    unsigned char digest[EVP_MAX_MD_SIZE];
    unsigned size = 0;
    X509_digest(leaf, EVP_sha256(), digest, &size);
    X509_free(leaf);
    return hex({reinterpret_cast<char*>(digest), size});
  }

  TlsFacts tls_facts() const override {
    if (ssl_ == nullptr) {
      return {};
    }
    TlsFacts facts{.protocol = SSL_get_version(ssl_), .cipher = SSL_get_cipher_name(ssl_)};
    const unsigned char* chosen = nullptr;
    unsigned size = 0;
    SSL_get0_alpn_selected(ssl_, &chosen, &size);
    if (chosen != nullptr) {
      facts.application.assign(reinterpret_cast<const char*>(chosen), size);
    }
    const STACK_OF(X509)* sent = SSL_get_peer_cert_chain(ssl_);
    for (int i = 0; sent != nullptr && i < sk_X509_num(sent); ++i) {
      if (auto pem = certificate_pem(sk_X509_value(sent, i))) {
        facts.chain.push_back(std::move(*pem));
      }
    }
    return facts;
  }

 private:
  Status lost(std::string_view attempt) const {
    // The socket's own time limits end a call with this (socket(7)).
    if (errno == EAGAIN || errno == EWOULDBLOCK) {
      return fail(
          ErrorKind::timeout, "timeout",
          fmt::format("cannot {} {}: nothing within {} ms", attempt, peer_, timeout_.count()));
    }
    return fail(ErrorKind::unavailable, "connection_lost",
                fmt::format("cannot {} {}: the connection ended", attempt, peer_));
  }

  // Constant after construction.
  int fd_;
  // For messages: "127.0.0.1 port 25".
  std::string peer_;
  milliseconds timeout_;

  // Octets that were read and are not a whole line yet.
  std::string buffer_;
  // nullptr before start_tls().
  SSL_CTX* context_ = nullptr;
  SSL* ssl_ = nullptr;
};

std::unexpected<Error> cannot_connect(const std::string& peer, int error) {
  return fail(ErrorKind::unavailable, "connect",
              fmt::format("cannot connect to {}: {}", peer, std::strerror(error)));
}

// Connects or gives up after `timeout`. Returns 0 or errno.
int connect_within(int fd, const sockaddr* address, socklen_t length, milliseconds timeout) {
  const timeval limit{timeout.count() / 1000, (timeout.count() % 1000) * 1000};
  // This option bounds connect(2) too (socket(7)).
  ::setsockopt(fd, SOL_SOCKET, SO_SNDTIMEO, &limit, sizeof limit);
  if (::connect(fd, address, length) == 0) {
    return 0;
  }
  return errno == EINPROGRESS ? ETIMEDOUT : errno;
}

}  // namespace

Result<std::unique_ptr<LineClient>> LineClient::connect(const std::string& address, int port,
                                                        milliseconds timeout) {
  const std::string peer = fmt::format("{} port {}", address, port);
  addrinfo hints{};
  hints.ai_socktype = SOCK_STREAM;
  hints.ai_flags = AI_NUMERICHOST | AI_NUMERICSERV;
  addrinfo* found = nullptr;
  if (::getaddrinfo(address.c_str(), std::to_string(port).c_str(), &hints, &found) != 0) {
    return cannot_connect(peer, EINVAL);
  }
  const int fd = ::socket(found->ai_family, SOCK_STREAM | SOCK_CLOEXEC, 0);
  const int error = fd < 0 ? errno : connect_within(fd, found->ai_addr, found->ai_addrlen, timeout);
  ::freeaddrinfo(found);
  if (error != 0) {
    if (fd >= 0) {
      ::close(fd);
    }
    return cannot_connect(peer, error);
  }
  const int on = 1;
  ::setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
  return std::make_unique<Connection>(fd, peer, timeout);
}

Result<std::unique_ptr<LineClient>> LineClient::connect_unix(const std::string& path,
                                                             milliseconds timeout) {
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  if (path.size() >= sizeof address.sun_path) {
    return cannot_connect(path, ENAMETOOLONG);
  }
  path.copy(address.sun_path, path.size());
  const int fd = ::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
  const int error =
      fd < 0 ? errno
             : connect_within(fd, reinterpret_cast<sockaddr*>(&address), sizeof address, timeout);
  if (error != 0) {
    if (fd >= 0) {
      ::close(fd);
    }
    return cannot_connect(path, error);
  }
  return std::make_unique<Connection>(fd, path, timeout);
}

}  // namespace podplay::net
