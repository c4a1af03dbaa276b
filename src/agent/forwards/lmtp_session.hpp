// The server's side of one LMTP connection (RFC 2033), as far as Postfix's lmtp(8) needs it.
#pragma once

#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace podplay::agent {

// Used by one thread.
class LmtpSession {
 public:
  // `fd` is a connected socket, which the caller closes.
  explicit LmtpSession(int fd);

  // Delivers one message to one recipient; the message has LF at the end of each line. Returns the
  // reply: "250 2.0.0 done". The sender is empty for a bounce.
  using Deliver = std::function<std::string(const std::string& sender, const std::string& recipient,
                                            const std::string& message)>;
  // Until the client leaves, is silent for too long, or sends what cannot be read.
  void run(const Deliver& deliver);

 private:
  // False: the connection is over.
  bool answer(const std::string& line, const Deliver& deliver);
  bool take_message(const Deliver& deliver);
  bool reply(std::string_view text);
  // Without the line's end; nothing when the connection is over.
  std::optional<std::string> read_line();
  void reset();

  // Constant after construction.
  const int fd_;

  // Of the message under way.
  bool has_sender_ = false;
  std::string sender_;
  std::vector<std::string> recipients_;

  std::string buffer_;
  // How much of the buffer was read.
  std::size_t at_ = 0;
};

}  // namespace podplay::agent
