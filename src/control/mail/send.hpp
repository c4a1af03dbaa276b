// Mail as an operation: send a message, look at the queue, test a delivery. The mail agent does it;
// this asks it.
#pragma once

#include <string>
#include <vector>

#include "control/context.hpp"

namespace podplay::control {

struct MessageInput {
  // empty: the actor's address
  std::string from;
  std::vector<std::string> to;
  std::string subject;
  // UTF-8
  std::string text;
};

// Each gives the agent's JSON.
// {"message_id"}
Result<std::string> send_mail(Context& context, const Actor& actor, const MessageInput& input);
// {"messages": [...]}
Result<std::string> read_mail_queue(Context& context, const Actor& actor);
Result<std::string> test_mail(Context& context, const Actor& actor, const std::string& from,
                              const std::string& to);

}  // namespace podplay::control
