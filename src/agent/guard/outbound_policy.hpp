// Answers Postfix's question whether an account may send a message (SMTPD_POLICY_README).
#pragma once

#include <string>
#include <string_view>

#include "guard/outbound.hpp"

namespace podplay::agent {

// `request` is lines of "name=value". The answer is an action of access(5). Postfix asks at DATA,
// where it knows the number of recipients; each question counts as a message.
std::string answer_outbound(guard::OutboundLimiter& outbound, std::string_view request);

}  // namespace podplay::agent
