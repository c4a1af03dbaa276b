// Sockets are blocking and have timeouts, which the library sets when it accepts them.
#include "net/tls_server.hpp"

#include <openssl/err.h>
#include <poll.h>
#include <sys/eventfd.h>
#include <sys/socket.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstdint>

#include "net/peer_stream.hpp"

namespace podplay::net {
namespace {

using namespace std::chrono;

// A signal, such as that of a debugger, ends a call of a socket with a timeout.
bool was_interrupted(const SSL* ssl, int result) {
  const int why = SSL_get_error(ssl, result);
  return (why == SSL_ERROR_WANT_READ || why == SSL_ERROR_WANT_WRITE) && errno == EINTR;
}

// Calls `step` until no signal interrupts it. Returns whether it has done its work.
template <class Step>
bool do_step(const SSL* ssl, const Step& step) {
  for (;;) {
    ERR_clear_error();
    errno = 0;
    const int result = step();
    if (result == 1) {
      return true;
    }
    if (!was_interrupted(ssl, result)) {
      return false;
    }
  }
}

std::string peer_address(socket_t socket) {
  sockaddr_storage from{};
  socklen_t size = sizeof from;
  const bool known = ::getpeername(socket, reinterpret_cast<sockaddr*>(&from), &size) == 0;
  return known ? address_text(from) : std::string();
}

class TlsStream final : public PeerStream {
 public:
  TlsStream(SSL* ssl, socket_t socket, const std::string& address, milliseconds read_timeout)
      : PeerStream(address), ssl_(ssl), socket_(socket), read_timeout_(read_timeout) {}

  bool is_readable() const override {
    pollfd one{.fd = socket_, .events = POLLIN, .revents = 0};
    return SSL_pending(ssl_) > 0 || ::poll(&one, 1, static_cast<int>(read_timeout_.count())) > 0;
  }
  bool is_writable() const override { return true; }

  // Returns how many octets; 0 at the end; -1 when none came in time.
  ssize_t read(char* to, size_t size) override {
    std::size_t count = 0;
    if (do_step(ssl_, [&] { return SSL_read_ex(ssl_, to, size, &count); })) {
      return static_cast<ssize_t>(count);
    }
    return SSL_get_error(ssl_, 0) == SSL_ERROR_ZERO_RETURN ? 0 : -1;
  }

  ssize_t write(const char* from, size_t size) override {
    std::size_t count = 0;
    const bool sent = do_step(ssl_, [&] { return SSL_write_ex(ssl_, from, size, &count); });
    return sent ? static_cast<ssize_t>(count) : -1;
  }

  socket_t socket() const override { return socket_; }

 private:
  SSL* const ssl_;
  const socket_t socket_;
  const milliseconds read_timeout_;
};

}  // namespace

TlsServer::TlsServer(const std::function<bool(SSL_CTX&)>& set_up, milliseconds read_timeout,
                     milliseconds keep_alive)
    : read_timeout_(read_timeout),
      keep_alive_(keep_alive),
      context_(SSL_CTX_new(TLS_server_method())),
      ending_(::eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK)) {
  if (context_ != nullptr && !set_up(*context_)) {
    SSL_CTX_free(context_);
    context_ = nullptr;
  }
}

TlsServer::~TlsServer() {
  SSL_CTX_free(context_);
  if (ending_ >= 0) {
    ::close(ending_);
  }
}

void TlsServer::end_connections() {
  const std::uint64_t one = 1;
  static_cast<void>(::write(ending_, &one, sizeof one));
}

bool TlsServer::process_and_close_socket(socket_t socket) {
  SSL* ssl = SSL_new(context_);
  bool fine = ssl != nullptr && SSL_set_fd(ssl, socket) == 1 &&
              do_step(ssl, [ssl] { return SSL_accept(ssl); });
  if (fine) {
    fine = answer_requests(ssl, socket);
    if (fine) {
      SSL_shutdown(ssl);
    }
  }
  SSL_free(ssl);
  ERR_clear_error();
  ::shutdown(socket, SHUT_RDWR);
  ::close(socket);
  return fine;
}

bool TlsServer::answer_requests(SSL* ssl, socket_t socket) {
  const std::string address = peer_address(socket);
  while (wait_for_request(ssl, socket)) {
    TlsStream stream(ssl, socket, address, read_timeout_);
    bool ends = false;
    if (!answer_one(stream, address, ends, [ssl](httplib::Request& in) { in.ssl = ssl; })) {
      return false;
    }
    if (ends) {
      break;
    }
  }
  return true;
}

bool TlsServer::wait_for_request(const SSL* ssl, socket_t socket) const {
  const auto deadline = steady_clock::now() + keep_alive_;
  std::array<pollfd, 2> both{{{.fd = ending_, .events = POLLIN, .revents = 0},
                              {.fd = socket, .events = POLLIN, .revents = 0}}};
  for (;;) {
    const auto left = ceil<milliseconds>(deadline - steady_clock::now());
    const bool has_some = SSL_pending(ssl) > 0;
    const int wait = has_some || left.count() < 0 ? 0 : static_cast<int>(left.count());
    const int ready = ::poll(both.data(), both.size(), wait);
    if (ready >= 0 || errno != EINTR) {
      return both[0].revents == 0 && (has_some || ready > 0);
    }
  }
}

}  // namespace podplay::net
