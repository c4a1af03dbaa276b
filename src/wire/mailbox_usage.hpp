// How full a mailbox is, in answers and as the mail agent tells it.
#pragma once

#include <cstdint>
#include <string>

#include "wire/shape.hpp"

namespace podplay::wire {

struct MailboxUsage {
  std::string email;
  // Octets.
  std::int64_t used = 0;
  // Octets; 0: no limit.
  std::int64_t quota = 0;
  std::int64_t messages = 0;
};

extern const Shape kMailboxUsage;
Json to_json(const MailboxUsage& usage);
// What the mail agent answered; it knows neither address nor quota.
Result<MailboxUsage> parse_mailbox_usage(const std::string& text);

}  // namespace podplay::wire
