// What the control plane may ask of mail beyond configuration: JSON objects in and out
// (docs/pipe.md).
#pragma once

#include <nlohmann/json.hpp>
#include <string>

#include "base/result.hpp"
#include "base/runner.hpp"

namespace podplay::daemons {

// {} -> {"messages": [what `postqueue -j` says of each]}
Result<std::string> list_queue(Runner& runner);
// {sender, recipients[], message} -> {"accepted": n}; the message goes into Postfix's queue.
Result<std::string> send_message(Runner& runner, const nlohmann::json& arguments);
// {recipient, sender?} -> {message_id, accepted_ms, delivered_ms, stages: [{name, ms, words}]}: by
// SMTP to the recipient, until the message is in the mailbox; it is removed again.
Result<std::string> test_delivery(Runner& runner, const nlohmann::json& arguments);

}  // namespace podplay::daemons
