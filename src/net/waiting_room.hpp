// The listening socket, its connections, and the threads that answer. A connection has a thread
// only while its request is answered: until the request has come, and while the client takes the
// answer, it waits here, which costs a socket and no thread. So slow clients hold nobody up.
//
// Every wait has a deadline. When there are too many connections, the oldest waiting one of the
// address with the most connections is closed. That is fair where clients' addresses are seen, and
// locks nobody out where all come from one address, such as a port forward's.
#pragma once

#include <chrono>
#include <functional>
#include <memory>
#include <string>

#include "base/result.hpp"

namespace podplay::net {

struct WaitingRoomOptions {
  std::string address = "127.0.0.1";
  // 0 takes any free port.
  int port = 0;
  // At most; they are started when they are needed.
  int threads = 16;
  std::size_t most_connections = 800;
  // From the connection's beginning, or a later request's first octet, until the request is whole.
  std::chrono::milliseconds request_deadline{10000};
  // Between two requests.
  std::chrono::milliseconds keep_alive{30000};
  // An answer must be taken within this time, and a second more for each 4 KiB.
  std::chrono::milliseconds answer_deadline{10000};
};

// What became of a request.
struct Served {
  // What the client has not taken yet.
  std::string rest;
  // Whether another request may follow.
  bool keep = false;
};

// Answers the request that has come on a socket, from a thread of the pool.
using Serve = std::function<Served(int socket, const std::string& address)>;

class WaitingRoom {
 public:
  static Result<std::unique_ptr<WaitingRoom>> open(WaitingRoomOptions options, Serve serve);
  virtual ~WaitingRoom() = default;
  virtual int port() const = 0;
  // Takes no new connection or request, and returns when those that are being answered have ended.
  virtual void stop() = 0;
};

}  // namespace podplay::net
