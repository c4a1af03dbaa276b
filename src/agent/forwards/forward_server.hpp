// Sends on to other servers what an alias of ours names as a target there. The mail leaves with an
// envelope sender of ours, so that it passes the SPF check of the receiving server (RFC 7208
// appendix D.3), and a bounce reaches the postmaster of the alias's domain, who made the alias.
// Postfix delivers here by LMTP (RFC 2033); header and text stay as they are, but for one field.
#pragma once

#include <atomic>
#include <functional>
#include <optional>
#include <string>
#include <string_view>

#include "agent/forwards/forward_address.hpp"
#include "base/log.hpp"
#include "base/runner.hpp"

namespace podplay::agent {

// "postmaster+ext@ours.test" for the alias ext@ours.test; "postmaster@ours.test" for a catch-all,
// for postmaster itself, and when the address would be too long (RFC 5321 section 4.5.3.1).
std::string forward_sender(const std::string& alias);
// The value of the field Delivered-To that a forwarded message gets: the alias. A message that has
// it already went round.
std::string forward_mark(const std::string& alias);
bool has_mark(std::string_view message, std::string_view mark);

class ForwardServer {
 public:
  // `is_ours`: whether an address is in one of our domains. For any thread.
  using IsOurs = std::function<Result<bool>(const std::string& address)>;
  ForwardServer(Runner& runner, IsOurs is_ours, Logger log);
  ~ForwardServer();
  ForwardServer(const ForwardServer&) = delete;
  ForwardServer& operator=(const ForwardServer&) = delete;

  // Call this before run(). `group` may connect.
  Status listen(const std::string& path, const std::string& group);
  // Serves one connection after the other until stop(). Several threads may run it.
  void run();
  // For any thread.
  void stop();

 private:
  void serve(int fd);
  // The reply to one recipient's message.
  std::string send_on(const std::string& sender, const std::string& recipient,
                      const std::string& message);
  // The sender that the forwarded mail leaves with.
  Result<std::string> sender_of(const std::string& sender, const Forward& forward);

  // Constant after construction.
  Runner& runner_;
  const IsOurs is_ours_;
  const Logger log_;

  // Constant after listen().
  int listener_ = -1;
  std::atomic<bool> stopping_ = false;
};

}  // namespace podplay::agent
