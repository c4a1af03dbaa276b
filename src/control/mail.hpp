// Mail as an operation: send a message, look at the queue, test a delivery. The mail agent does it; this asks it.
#pragma once

#include <string>
#include <vector>

#include "control/context.hpp"

namespace podplay::control {

struct MessageInput {
  std::string from;  // empty: the actor's address
  std::vector<std::string> to;
  std::string subject;
  std::string text;  // UTF-8
};

// Each gives the agent's JSON.
Result<std::string> send_mail(Context& context, const Actor& actor, const MessageInput& input);  // {"message_id"}
Result<std::string> read_mail_queue(Context& context, const Actor& actor);                       // {"messages": [...]}
Result<std::string> test_mail(Context& context, const Actor& actor, const std::string& from, const std::string& to);

}  // namespace podplay::control
