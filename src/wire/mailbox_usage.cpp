// Sizes are octets, as everywhere in answers.
#include "wire/mailbox_usage.hpp"

#include "wire/agent_result.hpp"

namespace podplay::wire {
namespace {

using enum FieldType;

constexpr FieldRow kMailboxUsageFields[] = {
    {.name = "email",
     .type = text,
     .required = true,
     .help = "Whose mailbox it is",
     .example = R"("test@example.com")"},
    {.name = "used",
     .type = integer,
     .required = true,
     .help = "Octets of all messages",
     .example = "104857600"},
    {.name = "quota",
     .type = integer,
     .required = true,
     .help = "Octets that it may have; 0 is unlimited",
     .example = "524288000"},
    {.name = "messages",
     .type = integer,
     .required = true,
     .help = "Number of messages",
     .example = "1200"},
};

}  // namespace

const Shape kMailboxUsage{
    .name = "MailboxUsage", .help = "How full a mailbox is", .fields = kMailboxUsageFields};

Json to_json(const MailboxUsage& usage) {
  return {{"email", usage.email},
          {"used", usage.used},
          {"quota", usage.quota},
          {"messages", usage.messages}};
}

Result<MailboxUsage> parse_mailbox_usage(const std::string& text) {
  return parse_result<MailboxUsage>("size of a mailbox", text, [](const Json& value) {
    return MailboxUsage{.used = value.at("used").get<std::int64_t>(),
                        .messages = value.at("messages").get<std::int64_t>()};
  });
}

}  // namespace podplay::wire
