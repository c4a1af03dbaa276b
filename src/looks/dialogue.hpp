// A dialogue with a server by lines, and how long each answer took. Internal to looks.
#pragma once

#include <memory>
#include <string>

#include "looks/look.hpp"
#include "net/line_client.hpp"

namespace podplay::looks {

// Belongs to one thread. The first step that fails ends it: later ones do nothing.
class Dialogue {
 public:
  enum class Answer {
    // RFC 5321: "250-a", "250 b"
    smtp,
    // RFC 9051: lines with *, then one that begins with the command's tag
    imap,
  };
  Dialogue(const std::string& address, int port, Answer form);

  // The server's first words.
  void greet();
  // Sends a command and reads the answer. Gives whether the server said yes.
  bool say(const std::string& command);
  void start_tls(const std::string& server_name);
  bool failed() const { return !error_.empty(); }

  // {"port", "ok", "ms", "error", "tls", "steps": [{"sent", "answer", "ms"}]}
  LookJson result() const;

 private:
  Result<std::string> read();
  void note(const std::string& sent, const Result<std::string>& answer,
            std::chrono::steady_clock::time_point began);

  const int port_;
  const Answer form_;
  const std::chrono::steady_clock::time_point began_ = std::chrono::steady_clock::now();
  std::unique_ptr<net::LineClient> client_;
  std::string error_;
  std::string tls_;
  int tag_ = 0;
  LookJson steps_ = LookJson::array();
};

}  // namespace podplay::looks
