// BIND's control channel: the protocol of the program `rndc`, over one connection that is kept,
// since starting that program costs more than most of its commands. Every message in both
// directions carries an HMAC-SHA256 of a shared key, and a number (nonce) that named chose for the
// connection.
#pragma once

#include <chrono>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

#include "base/result.hpp"
#include "base/secret.hpp"

namespace podplay::net {

// The secret of a BIND key file with one `key` statement, decoded. Only hmac-sha256.
Result<Secret> read_bind_key(std::string_view text);

// Owned and used by one thread. After an Error `unavailable`, the connection cannot be used any
// more.
class ControlChannel {
 public:
  // Connects to 127.0.0.1:`port` and asks for the nonce. `timeout` holds for each exchange.
  static Result<std::unique_ptr<ControlChannel>> connect(int port, Secret key,
                                                         std::chrono::milliseconds timeout);
  ~ControlChannel();
  ControlChannel(const ControlChannel&) = delete;
  ControlChannel& operator=(const ControlChannel&) = delete;

  // Runs a command: the arguments of rndc on one line. The answer is named's text, often empty. An
  // Error `refused` when named answered that the command failed, with its words.
  Result<std::string> run(const std::string& command);

 private:
  ControlChannel(int fd, Secret key, std::chrono::milliseconds timeout);
  Result<std::string> exchange(const std::string& command);

  // Constant after construction.
  const int fd_;
  const Secret key_;
  const std::chrono::milliseconds timeout_;
  // Changed by each exchange. named drops a message whose serial it has seen.
  std::uint32_t serial_;
  // Empty until the first answer.
  std::string nonce_;
};

}  // namespace podplay::net
