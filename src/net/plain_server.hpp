// cpp-httplib as the parser and router of one request that has come (net/waiting_room.hpp). Its own
// accept loop, which gives each connection a thread, is not used.
#pragma once

#include <httplib.h>

#include <chrono>
#include <string>

#include "net/one_request.hpp"
#include "net/waiting_room.hpp"

namespace podplay::net {

class PlainServer final : public OneRequestServer {
 public:
  // `read_timeout`: the longest silence within a body.
  explicit PlainServer(std::chrono::milliseconds read_timeout) : read_timeout_(read_timeout) {
    // Without a listening socket, the library takes itself for shutting down. It never uses this.
    svr_sock_ = 0;
  }

  // For any thread.
  Served serve(int socket, const std::string& address);

 private:
  // Constant after construction.
  const std::chrono::milliseconds read_timeout_;
};

}  // namespace podplay::net
