// The limit is the store's, what is used is Dovecot's to say: the mail agents ask it.
#include "control/mail/usage.hpp"

#include "control/every_host.hpp"
#include "control/identity/users.hpp"

namespace podplay::control {
namespace {

constexpr auto kUsageDeadline = std::chrono::seconds(10);

}  // namespace

Result<wire::MailboxUsage> mailbox_usage(Context& context, const Actor& actor,
                                         const std::string& key) {
  TRY(const auto user, get_user(context, actor, key));
  TRY(const auto told, ask_every_host<wire::MailboxUsage>(context,
                                                          {.service = ServiceName::mail,
                                                           .verb = "mailbox_usage",
                                                           .arguments = {{"mailbox", user.email}},
                                                           .request_id = actor.request_id(),
                                                           .longest = kUsageDeadline},
                                                          wire::parse_mailbox_usage));
  wire::MailboxUsage usage{.email = user.email, .quota = user.quota};
  for (const wire::MailboxUsage& one : told) {
    usage.used += one.used;
    usage.messages += one.messages;
  }
  return usage;
}

}  // namespace podplay::control
