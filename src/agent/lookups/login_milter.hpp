// Lets a session of submission go on only as long as its login holds. Postfix checks a password
// once, and then takes messages for as long as the client stays. So it asks here, by the protocol
// of milters (Sendmail's, version 6), at MAIL, at DATA and at the end of each message.
#pragma once

#include <functional>
#include <string>
#include <string_view>

#include "base/clock.hpp"
#include "base/result.hpp"

namespace podplay::agent {

// Whether the mailbox may go on with a session that began at `since`.
using LoginHolds = std::function<Result<bool>(std::string_view mailbox, SteadyTime since)>;

// One session of Postfix's, from the client's connection to its end.
class LoginMilter {
 public:
  LoginMilter(LoginHolds holds, SteadyTime began) : holds_(std::move(holds)), began_(began) {}

  // Takes whole packets off the front of `in` and appends the answers to `out`. False when the
  // session is over, or when this is no milter's client.
  bool take(std::string& in, std::string& out);

 private:
  void answer(char command, std::string_view data, std::string& out);
  void read_macros(std::string_view data);
  std::string verdict() const;

  // Constant after construction.
  const LoginHolds holds_;
  const SteadyTime began_;

  // Owned by the calling thread. Empty before a login.
  std::string mailbox_;
};

}  // namespace podplay::agent
