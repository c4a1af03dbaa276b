// Asks Dovecot's auth for accounts, as deliveries do. No question is ever left alone: auth 2.4.1
// dies (signal 11) when it has the answer to a question whose connection has ended meanwhile, and
// all logins that are under way die with it. Answers come late when many log in at once, since
// look-ups wait in one queue with the passwords.
#pragma once

#include <chrono>
#include <memory>
#include <string>

#include "base/result.hpp"
#include "net/line_client.hpp"

namespace podplay::daemons {

// Used by one thread at a time.
class AccountLookup {
 public:
  // `path` is auth's socket for userdb.
  AccountLookup(std::string path, std::chrono::milliseconds timeout)
      : path_(std::move(path)), timeout_(timeout) {}

  // "USER": there is such an account; "NOTFOUND": there is none. An Error when the look-up fails or
  // takes too long. The next question then waits for its answer first.
  Result<std::string> ask(const std::string& address);
  // Ends the connection unless it waits for an answer. One that is kept keeps a process of auth
  // with earlier settings.
  void close();

 private:
  Status open();
  // The next answer, whole. Nothing is due after it.
  Result<std::string> read_answer();

  // Constant after construction.
  std::string path_;
  std::chrono::milliseconds timeout_;

  // Owned by the calling thread.
  // nullptr while there is no connection.
  std::unique_ptr<net::LineClient> client_;
  int id_ = 0;
  // True while auth owes the answer to question `id_`.
  bool due_ = false;
};

}  // namespace podplay::daemons
