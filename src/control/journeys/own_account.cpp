// A contact's row is made when there is something to remember.
#include "control/journeys/own_account.hpp"

#include <fmt/format.h>

#include "control/identity/recent.hpp"
#include "control/identity/users.hpp"
#include "control/journeys/letters.hpp"
#include "control/journeys/links.hpp"
#include "model/names.hpp"
#include "store/contacts.hpp"
#include "store/links.hpp"
#include "store/users.hpp"

namespace podplay::control {
namespace {

Contact contact_of(store::Session& session, std::int64_t user_id) {
  return store::find_contact(session, user_id).value_or(Contact{.user_id = user_id});
}

std::vector<std::string> waiting(const RecoveryChange& change) {
  std::vector<std::string> who;
  if (!change.new_confirmed) {
    who.emplace_back("new");
  }
  if (!change.old_confirmed) {
    who.emplace_back("old");
  }
  return who;
}

// The person who asks, without the login's claims.
Result<User> own_user_of(Context& context, const Actor& actor) {
  return get_user(context, actor, std::to_string(actor.user_id()));
}

Result<std::string> wanted_address(const std::string& text, const User& user) {
  if (text.empty()) {
    return std::string();
  }
  TRY(const auto address, EmailAddress::parse(text, "address"));
  if (address.text() == user.email) {
    return fail_faults(
        {{.field = "address",
          .code = "same_address",
          .message = fmt::format(
              "{} is the mailbox itself, which nobody can open who has forgotten its password",
              user.email),
          .remedy = "give an address that you have elsewhere"}});
  }
  return address.text();
}

}  // namespace

Result<OwnAccount> get_own_account(Context& context, const Actor& actor) {
  TRY(auto user, own_user_of(context, actor));
  const WallTime now = context.clock.now();
  return context.store.read_together<OwnAccount>([&](store::Session& session) {
    const Contact contact = contact_of(session, user.id);
    OwnAccount account{.user = std::move(user),
                       .language = contact.language.empty()
                                       ? context.settings.text("PODPLAY_LANGUAGE")
                                       : contact.language,
                       .recovery_address = contact.recovery_address,
                       .recovery_change = store::find_recovery_change(session, actor.user_id())};
    if (account.recovery_change && account.recovery_change->expires <= now) {
      account.recovery_change.reset();
    }
    return account;
  });
}

Result<OwnAccount> set_own_language(Context& context, const Actor& actor,
                                    const std::string& language) {
  if (!is_language(language)) {
    return fail_faults({{.field = "language",
                         .code = "unknown_language",
                         .message = fmt::format("there are no mails in '{}'", language),
                         .remedy = "use en or de"}});
  }
  TRY(const auto event, context.store.write<store::AuditRow>(
                            [&](store::Transaction& transaction) -> Result<store::AuditRow> {
                              Contact contact = contact_of(transaction, actor.user_id());
                              const std::string before = std::exchange(contact.language, language);
                              contact.updated = context.clock.now();
                              store::put_contact(transaction, contact);
                              return store::insert_audit(
                                  transaction,
                                  audit_event(context, actor, "ACCOUNT_UPDATED", actor.email(),
                                              difference(nlohmann::json{{"language", before}},
                                                         nlohmann::json{{"language", language}})));
                            }));
  log_audit(context, event);
  return get_own_account(context, actor);
}

Result<RecoveryRequest> change_recovery_address(Context& context, const Actor& actor,
                                                const std::string& text,
                                                const std::optional<Secret>& current_password) {
  TRY(const auto user, own_user_of(context, actor));
  TRY(const auto address, wanted_address(text, user));
  TRY(require_recent(context, actor, user, current_password));
  struct Asked {
    RecoveryChange change;
    store::AuditRow event;
  };
  TRY(const auto asked,
      context.store.write<Asked>([&](store::Transaction& transaction) -> Result<Asked> {
        const Contact contact = contact_of(transaction, user.id);
        if (address == contact.recovery_address) {
          return fail(ErrorKind::conflict, "recovery_address_same",
                      address.empty() ? std::string("there is no recovery address")
                                      : fmt::format("{} is the recovery address already", address),
                      "give another one");
        }
        const RecoveryChange change{
            .user_id = user.id,
            .address = address,
            .old_confirmed = contact.recovery_address.empty(),
            .new_confirmed = address.empty(),
            .expires = context.clock.now() + link_lifetime(context, LinkPurpose::recovery_new)};
        store::put_recovery_change(transaction, change);
        store::delete_links_of(transaction, user.id, LinkPurpose::recovery_new);
        store::delete_links_of(transaction, user.id, LinkPurpose::recovery_old);
        if (!change.new_confirmed) {
          add_letter(context, transaction,
                     {.kind = LetterKind::recovery_new,
                      .user_id = user.id,
                      .recipient = address,
                      .facts = {{"address", address}}},
                     actor);
        }
        if (!change.old_confirmed) {
          add_letter(context, transaction,
                     {.kind = LetterKind::recovery_old,
                      .user_id = user.id,
                      .recipient = contact.recovery_address,
                      .facts = {{"address", address}}},
                     actor);
        }
        auto event = store::insert_audit(
            transaction, audit_event(context, actor, "RECOVERY_ADDRESS_REQUESTED", user.email));
        return Asked{change, std::move(event)};
      }));
  log_audit(context, asked.event);
  context.jobs.wake();
  return RecoveryRequest{.address = asked.change.address,
                         .waits_for = waiting(asked.change),
                         .expires = asked.change.expires};
}

Result<bool> confirm_recovery_address(Change& change, const Actor& actor, const Link& link,
                                      std::string& email) {
  store::Transaction& transaction = change.transaction();
  const auto user = store::find_user(transaction, link.user_id);
  auto wanted = store::find_recovery_change(transaction, link.user_id);
  if (!user || !wanted || wanted->address != link.address || wanted->expires <= change.now()) {
    return fail(ErrorKind::not_found, "link_invalid",
                "this link is not known, was used already, or is too old",
                "ask for the change again");
  }
  email = user->email;
  const bool is_new = link.purpose == LinkPurpose::recovery_new;
  (is_new ? wanted->new_confirmed : wanted->old_confirmed) = true;
  const bool complete = wanted->new_confirmed && wanted->old_confirmed;
  if (complete) {
    Contact contact = contact_of(transaction, user->id);
    const std::string before = std::exchange(contact.recovery_address, wanted->address);
    contact.updated = change.now();
    // Also to the address before.
    add_letter(change.context(), transaction,
               {.kind = LetterKind::recovery_changed,
                .user_id = user->id,
                .facts = {{"address", wanted->address.empty() ? "-" : wanted->address}}},
               actor);
    store::put_contact(transaction, contact);
    store::delete_recovery_change(transaction, user->id);
    change.finish("RECOVERY_ADDRESS_CHANGED", email, "change the recovery address of " + email,
                  difference(nlohmann::json{{"recovery_address", before}},
                             nlohmann::json{{"recovery_address", wanted->address}}));
  } else {
    store::put_recovery_change(transaction, *wanted);
    change.finish("RECOVERY_ADDRESS_CONFIRMED", email,
                  "confirm a part of the change of the recovery address of " + email);
  }
  return complete;
}

}  // namespace podplay::control
