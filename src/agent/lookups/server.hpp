// The socket that Postfix asks for what the directory says (socketmap_table(5)), and the one by
// which Dovecot tells that a mailbox is nearly full. Readers need no access to the replica's file:
// they see answers, and nothing that they write is trusted.
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

// A UNIX socket of the server, and who may connect to it.
struct LookupSocket {
  std::string path;
  // Of the socket, mode 0660; empty: ours.
  std::string group;
  // Answers one request: "TABLE KEY". Nothing: not found. An Error is a temporary failure for the
  // client.
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

  // Before run(). Replaces what another process left at the path.
  Status listen(LookupSocket socket);
  // The server's thread, until stop().
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

// One netstring (a request, or what a server answered) at the front of `buffer`: its text, with the
// buffer's rest behind it. Nothing: more is needed. An Error: this is no netstring, or a longer one
// than any request.
Result<std::optional<std::string_view>> read_netstring(std::string_view buffer,
                                                       std::size_t& consumed);
std::string netstring(std::string_view text);

// Asks a lookup socket once, as a client; for programs that are started by a daemon.
Result<std::string> ask_lookup(const std::string& path, std::string_view request);

}  // namespace podplay::agent
