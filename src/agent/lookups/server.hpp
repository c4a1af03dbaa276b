// Serves the sockets of the directory: on one, Postfix looks rows up (socketmap_table(5)); on
// another, Dovecot reports that a mailbox is nearly full; on a third, Postfix asks whether the
// login of a session still holds. Clients need no access to the replica's file, and nothing that
// they write is trusted.
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

// How a request ends and an answer looks: netstrings (socketmap_table(5)), or lines up to an empty
// one (SMTPD_POLICY_README).
enum class Framing { netstring, policy };

// A UNIX socket of the server, with the group that may connect to it.
struct LookupSocket {
  std::string path;
  // The group of the socket, whose mode is 0660; empty means the agent's own.
  std::string group;
  Framing framing = Framing::netstring;
  // Answers one request: "TABLE KEY", or the lines of a policy request. Nothing means not found. An
  // Error is a temporary failure for the client; policy(8) clients go on without an answer.
  std::function<Result<std::optional<std::string>>(std::string_view request)> answer{};
  // Instead of `answer`: begins a session of another protocol, which takes what it can off the
  // front of `in`, and appends to `out`; false: the connection is closed.
  using Session = std::function<bool(std::string& in, std::string& out)>;
  std::function<Session()> begin{};
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
    std::string in{};
    std::string out{};
    LookupSocket::Session session{};
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

// Asks a look-up socket once, as a client. For programs that a daemon starts.
Result<std::string> ask_lookup(const std::string& path, std::string_view request);

}  // namespace podplay::agent
