// How full a person's mailbox is.
#pragma once

#include <string>

#include "control/context.hpp"
#include "wire/mailbox_usage.hpp"

namespace podplay::control {

// `key` is an id or an address. Users may see their own, administrators those whom they administer.
Result<wire::MailboxUsage> mailbox_usage(Context& context, const Actor& actor,
                                         const std::string& key);

}  // namespace podplay::control
