// How full a mailbox is, as Dovecot counts it.
#pragma once

#include <nlohmann/json.hpp>
#include <string>

#include "base/result.hpp"
#include "base/runner.hpp"

namespace podplay::daemons {

// The command "mailbox_usage": {"mailbox"} in, {"used", "messages"} out; `used` in octets.
Result<std::string> mailbox_usage(Runner& runner, const nlohmann::json& arguments);

}  // namespace podplay::daemons
