// The commands of the control plane for mail, apart from configuration: JSON objects in and out
// (docs/pipe.md).
#pragma once

#include <nlohmann/json.hpp>
#include <string>

#include "base/result.hpp"
#include "base/runner.hpp"

namespace podplay::daemons {

// {sender, recipients[], message} -> {"accepted": n}; the message goes into Postfix's queue.
Result<std::string> send_message(Runner& runner, const nlohmann::json& arguments);
// {recipient, sender?} -> {message_id, accepted_ms, delivered_ms, stages: [{name, ms, words}]}.
// Sends a message to the recipient by SMTP, waits until it is in the mailbox, and removes it again.
// The message has the null sender; `sender` is ignored.
Result<std::string> test_delivery(Runner& runner, const nlohmann::json& arguments);

}  // namespace podplay::daemons
