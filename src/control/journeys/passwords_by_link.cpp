// The reset of an account that does not exist writes the same rows as any other, and its letter is
// thrown away when it should be written.
#include "control/journeys/passwords_by_link.hpp"

#include <fmt/format.h>

#include "control/identity/known_logins.hpp"
#include "control/identity/passwords.hpp"
#include "control/identity/rehash.hpp"
#include "control/identity/sessions.hpp"
#include "control/identity/users.hpp"
#include "control/journeys/letters.hpp"
#include "control/journeys/links.hpp"
#include "control/journeys/tries.hpp"
#include "guard/login_limiter.hpp"
#include "model/names.hpp"
#include "store/contacts.hpp"
#include "store/links.hpp"
#include "store/users.hpp"

namespace podplay::control {
namespace {

Status check_language(const std::string& language) {
  if (language.empty() || is_language(language)) {
    return {};
  }
  return fail_faults({{.field = "language",
                       .code = "unknown_language",
                       .message = fmt::format("there are no mails in '{}'", language),
                       .remedy = "use en or de"}});
}

}  // namespace

Result<std::string> request_password_reset(Context& context, const Actor& asking,
                                           const std::string& email, const std::string& language) {
  TRY(const auto address, EmailAddress::parse(email));
  TRY(check_language(language));
  TRY(const auto event, context.store.write<store::AuditRow>([&](store::Transaction& transaction)
                                                                 -> Result<store::AuditRow> {
    TRY(count_client_try(context, transaction, resets_from(context), asking));
    TRY(count_try(context, transaction, resets_of(context), address.text()));
    add_letter(context, transaction,
               {.kind = LetterKind::password_reset,
                .language = language,
                .facts = {{"email", address.text()}}},
               asking);
    return store::insert_audit(
        transaction, audit_event(context, asking, "PASSWORD_RESET_REQUESTED", address.text()));
  }));
  log_audit(context, event);
  context.jobs.wake();
  return address.text();
}

Result<Changed<PasswordSet>> set_password_by_link(Context& context, const Actor& asking,
                                                  const Secret& token, const Secret& password,
                                                  const WriteOptions& options) {
  // The password is checked with the address, and hashed before the transaction.
  TRY(const auto view, look_at_link(context, token));
  TRY(const auto hash,
      check_and_hash(password, PasswordChoice::own, view.email, hash_cost(context.settings)));
  std::int64_t user_id = 0;
  auto changed = make_change<PasswordSet>(
      context, asking, options, [&](Change& change) -> Result<PasswordSet> {
        store::Transaction& transaction = change.transaction();
        TRY(const auto link, use_link(context, transaction, token,
                                      {LinkPurpose::password_reset, LinkPurpose::invitation}));
        auto user = store::find_user(transaction, link.user_id);
        if (!user || !user->enabled) {
          return fail(ErrorKind::not_found, "link_invalid",
                      "this link is not known, was used already, or is too old",
                      "ask an administrator");
        }
        // no going back after this
        user_id = user->id;
        user->password_hash = hash;
        user->updated = change.now();
        user->revision = change.revision();
        store::update_user(transaction, *user);
        end_logins_of(transaction, user->id);
        store::delete_links_of(transaction, user->id, LinkPurpose::password_reset);
        store::delete_links_of(transaction, user->id, LinkPurpose::invitation);
        change.put(ServiceName::mail, mailbox_row(*user));
        if (link.purpose == LinkPurpose::invitation) {
          auto contact =
              store::find_contact(transaction, user->id).value_or(Contact{.user_id = user->id});
          // An account that was a person's already: that person is told.
          if (!contact.recovery_address.empty()) {
            add_letter(context, transaction,
                       {.kind = LetterKind::password_changed,
                        .user_id = user->id,
                        .recipient = contact.recovery_address},
                       asking);
          }
          contact.recovery_address = link.address;
          contact.updated = change.now();
          store::put_contact(transaction, contact);
          change.note("USER_CONFIRMED", user->email);
        } else {
          add_letter(context, transaction,
                     {.kind = LetterKind::password_changed, .user_id = user->id}, asking);
        }
        change.finish("PASSWORD_CHANGED", user->email, "set the password of " + user->email);
        return PasswordSet{.email = user->email, .purpose = link.purpose};
      });
  if (changed && !options.dry_run) {
    context.known_logins.forget_user(user_id);
    context.logins.unlock(changed->object.email);
    context.jobs.wake();
  }
  return changed;
}

Result<Invitation> invite_user(Context& context, const Actor& actor, const std::string& key,
                               const std::string& address, const std::string& language) {
  TRY(const auto user, get_user(context, actor, key));
  TRY(actor.may_administer(user));
  TRY(check_language(language));
  std::string to;
  if (!address.empty()) {
    TRY(const auto parsed, EmailAddress::parse(address, "address"));
    to = parsed.text();
  }
  TRY(const auto contact, context.store.read<std::optional<Contact>>([&](store::Session& session) {
    return store::find_contact(session, user.id);
  }));
  if (to.empty() && contact) {
    to = contact->recovery_address;
  }
  if (to.empty() || to == user.email) {
    return fail_faults(
        {{.field = "address",
          .code = to.empty() ? "missing" : "same_address",
          .message = fmt::format("{} is reached nowhere but in the mailbox, which needs the "
                                 "password that the invitation is for",
                                 user.email),
          .remedy = "give an address that the person has elsewhere"}});
  }
  TRY(const auto event, context.store.write<store::AuditRow>(
                            [&](store::Transaction& transaction) -> Result<store::AuditRow> {
                              add_letter(context, transaction,
                                         {.kind = LetterKind::invitation,
                                          .user_id = user.id,
                                          .recipient = to,
                                          .language = language,
                                          .facts = {{"from", actor.email()}, {"address", to}}},
                                         actor);
                              return store::insert_audit(
                                  transaction,
                                  audit_event(context, actor, "USER_INVITED", user.email));
                            }));
  log_audit(context, event);
  context.jobs.wake();
  return Invitation{.email = user.email, .sent_to = to};
}

}  // namespace podplay::control
