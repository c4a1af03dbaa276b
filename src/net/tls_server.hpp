// cpp-httplib's server with TLS. The library accepts connections, gives each a thread, parses and
// routes. Waiting is ours: the library looks a hundred times a second whether a kept connection has
// a request, and a thread here sleeps until one comes.
#pragma once

#include <httplib.h>

#include <chrono>
#include <functional>
#include <string>

#include "net/one_request.hpp"

namespace podplay::net {

class TlsServer final : public OneRequestServer {
 public:
  // `set_up` prepares the context for all connections, and returns false when it cannot.
  // `read_timeout`: the longest silence within a handshake or request. `keep_alive`: between two.
  TlsServer(const std::function<bool(SSL_CTX&)>& set_up, std::chrono::milliseconds read_timeout,
            std::chrono::milliseconds keep_alive);
  ~TlsServer() override;
  TlsServer(const TlsServer&) = delete;
  TlsServer& operator=(const TlsServer&) = delete;

  bool is_valid() const override { return context_ != nullptr && ending_ >= 0; }
  // Connections end when the request that they are at is answered. For any thread, before stop().
  void end_connections();

 private:
  bool process_and_close_socket(socket_t socket) override;
  // Answers requests until the connection ends. Returns false when it was lost.
  bool answer_requests(SSL* ssl, socket_t socket);
  // False when none comes, or when connections are to end.
  bool wait_for_request(const SSL* ssl, socket_t socket) const;

  // Constant after construction.
  const std::chrono::milliseconds read_timeout_;
  const std::chrono::milliseconds keep_alive_;
  SSL_CTX* context_ = nullptr;
  // An eventfd, readable when connections are to end.
  const int ending_;
};

}  // namespace podplay::net
