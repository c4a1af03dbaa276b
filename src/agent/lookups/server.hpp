// Serves the mail agent's sockets: on one, Postfix looks rows up (socketmap_table(5)); on another,
// it asks whether an account may send; on a third, Dovecot reports that a mailbox is nearly full.
// Clients need no access to the replica's file, and nothing that they write is trusted.
#pragma once

#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "base/log.hpp"
#include "base/result.hpp"

namespace podplay::agent {

// How requests and answers are written on a socket.
enum class Framing {
  // Netstrings (socketmap_table(5)): "TABLE KEY", and "OK value", "NOTFOUND " or "TEMP reason".
  socketmap,
  // Lines and an empty line (SMTPD_POLICY_README): "name=value", and "action=value".
  policy,
};

// A UNIX socket of the server, with the group that may connect to it.
struct LookupSocket {
  std::string path;
  // The group of the socket, whose mode is 0660; empty means the agent's own.
  std::string group;
  Framing framing = Framing::socketmap;
  // Answers one request. Nothing means not found. An Error is a temporary failure for
  // the client.
  std::function<Result<std::optional<std::string>>(std::string_view request)> answer;
};

// One thread serves all clients of all sockets, one request after the other: an answer takes some
// microseconds, and Postfix's processes each keep a connection.
class LookupServer {
 public:
  explicit LookupServer(Logger log);
  ~LookupServer();
  LookupServer(const LookupServer&) = delete;
  LookupServer& operator=(const LookupServer&) = delete;

  // Call this before run(). Replaces a socket that another process left at the path.
  Status listen(LookupSocket socket);
  // Runs in the server's thread until stop().
  void run();
  // For any thread.
  void stop();

 private:
  struct Listener {
    int fd = -1;
    LookupSocket socket;
  };
  struct Client {
    std::size_t listener = 0;
    std::string in;
    std::string out;
  };

  void accept_from(std::size_t listener);
  // False: the client is to be closed.
  bool read_from(int fd, Client& client);
  bool write_to(int fd, Client& client);
  bool answer_requests(Client& client);

  // Constant after construction.
  const Logger log_;
  // Written by stop(), read by run().
  int wake_[2] = {-1, -1};

  // Constant after the last listen().
  std::vector<Listener> listeners_;

  // Owned by the server's thread.
  std::map<int, Client> clients_;
};

// The text of the netstring at the front of `buffer`; `consumed` becomes the size of the whole
// netstring. Nothing when more octets are needed. An Error when this is not a netstring, or one
// that is longer than 1 MiB.
Result<std::optional<std::string_view>> read_netstring(std::string_view buffer,
                                                       std::size_t& consumed);
std::string netstring(std::string_view text);

// The same for a request that ends with an empty line, of at most 4 KiB.
Result<std::optional<std::string_view>> read_policy_request(std::string_view buffer,
                                                            std::size_t& consumed);

// Asks a look-up socket once, as a client. For programs that a daemon starts.
Result<std::string> ask_lookup(const std::string& path, std::string_view request);

}  // namespace podplay::agent
