// The limit is the store's, what is used is Dovecot's to say: the mail agent asks it.
#include "control/mail/usage.hpp"

#include "base/json_text.hpp"
#include "control/identity/users.hpp"

namespace podplay::control {
namespace {

constexpr auto kUsageDeadline = std::chrono::seconds(10);

}  // namespace

Result<wire::MailboxUsage> mailbox_usage(Context& context, const Actor& actor,
                                         const std::string& key) {
  TRY(const auto user, get_user(context, actor, key));
  const nlohmann::json arguments{{"mailbox", user.email}};
  TRY(const auto told, context.hub.command(ServiceName::mail, "mailbox_usage", json_text(arguments),
                                           actor.request_id(), kUsageDeadline));
  TRY(auto usage, wire::parse_mailbox_usage(told));
  usage.email = user.email;
  usage.quota = user.quota;
  return usage;
}

}  // namespace podplay::control
