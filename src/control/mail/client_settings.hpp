// What a mail client must be told to read and send a domain's mail.
#pragma once

#include <string>

#include "control/context.hpp"
#include "wire/client_settings.hpp"

namespace podplay::control {

// The settings of the domain that `host` belongs to: a domain, or one of its further names, such as
// autoconfig.example.com. Anybody may ask: the answer says nothing of accounts.
Result<wire::ClientSettings> client_settings(Context& context, const std::string& host);

}  // namespace podplay::control
