// It is a letter like those of the pod itself, so it is sent again until Postfix takes it.
#include "control/journeys/user_mail.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "base/control_character.hpp"
#include "control/audit.hpp"
#include "control/identity/users.hpp"
#include "control/journeys/letters.hpp"
#include "store/contacts.hpp"

namespace podplay::control {
namespace {

constexpr std::size_t kLongestSubject = 200;
constexpr std::size_t kLongestText = 100'000;

Status check_user_mail(const UserMailInput& input) {
  std::vector<Fault> faults;
  if (input.subject.empty() || input.subject.size() > kLongestSubject ||
      std::ranges::any_of(input.subject, is_control)) {
    faults.push_back({.field = "subject",
                      .code = "bad_subject",
                      .message = "the subject is empty, too long, or more than one line",
                      .remedy = fmt::format("write one line of 1 to {} octets", kLongestSubject)});
  }
  if (input.text.empty() || input.text.size() > kLongestText) {
    faults.push_back({.field = "text",
                      .code = "bad_text",
                      .message = fmt::format("the text has {} octets", input.text.size()),
                      .remedy = fmt::format("write 1 to {} octets", kLongestText)});
  }
  return no_faults(std::move(faults));
}

}  // namespace

Result<UserMailed> mail_user(Context& context, const Actor& actor, const std::string& key,
                             const UserMailInput& input) {
  TRY(const auto user, get_user(context, actor, key));
  TRY(actor.may_administer(user));
  TRY(check_user_mail(input));
  std::string to = user.email;
  if (input.to_recovery_address) {
    TRY(const auto contact,
        context.store.read<std::optional<Contact>>(
            [&](store::Session& session) { return store::find_contact(session, user.id); }));
    if (!contact || contact->recovery_address.empty()) {
      return fail(ErrorKind::conflict, "recovery_address_missing",
                  fmt::format("{} has no recovery address", user.email),
                  "write to the mailbox instead");
    }
    to = contact->recovery_address;
  }
  TRY(const auto event, context.store.write<store::AuditRow>([&](store::Transaction& transaction)
                                                                 -> Result<store::AuditRow> {
    add_letter(
        context, transaction,
        {.kind = LetterKind::note,
         .user_id = user.id,
         .recipient = to,
         .facts = {{"subject", input.subject}, {"text", input.text}, {"from", actor.email()}}},
        actor);
    return store::insert_audit(transaction, audit_event(context, actor, "USER_MAILED", user.email));
  }));
  log_audit(context, event);
  context.jobs.wake();
  return UserMailed{.email = user.email, .sent_to = std::move(to)};
}

}  // namespace podplay::control
