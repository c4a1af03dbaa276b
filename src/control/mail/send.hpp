// Use-cases of mail: send a message, test a delivery. The mail agent does the
// work; the control plane waits for at most 30 s.
#pragma once

#include <string>
#include <vector>

#include "control/context.hpp"
#include "wire/mail.hpp"

namespace podplay::control {

struct MessageInput {
  // Empty: the actor's address.
  std::string from;
  std::vector<std::string> to;
  std::string subject;
  // UTF-8.
  std::string text;
};

struct SentMessage {
  // Of the header Message-ID, without angle brackets.
  std::string message_id;
  std::string from;
  std::vector<std::string> to;
};

// Hands the message to Postfix. The sender must be an address whose mail the actor gets.
Result<SentMessage> send_mail(Context& context, const Actor& actor, const MessageInput& input);
// Sends a message to `to`, follows it to every mailbox that gets it, and removes it there again.
// Fails before it sends anything when an alias on the way leads outside.
Result<wire::DeliveryTest> test_mail(Context& context, const Actor& actor, const std::string& to);

}  // namespace podplay::control
