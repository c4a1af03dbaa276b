// Whether an address is taken is looked at when the mail is written and when the link is used,
// never in the request of a stranger.
#include "control/journeys/registration.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "base/numbers.hpp"
#include "control/identity/passwords.hpp"
#include "control/identity/rehash.hpp"
#include "control/identity/user_input.hpp"
#include "control/identity/users.hpp"
#include "control/journeys/letters.hpp"
#include "control/journeys/links.hpp"
#include "control/journeys/registration_rules.hpp"
#include "control/journeys/tries.hpp"
#include "model/names.hpp"
#include "store/contacts.hpp"
#include "store/links.hpp"
#include "store/registrations.hpp"
#include "wire/users.hpp"

namespace podplay::control {
namespace {

using namespace std::chrono;

// How long one that was confirmed waits for an administrator.
constexpr days kWaitsForApproval{30};
// Until the mail is written; then it lives as long as its link.
constexpr hours kWaitsForMail{24};
constexpr hours kRetryWhenFull{1};

std::unexpected<Error> no_registration(const std::string& key) {
  return fail(ErrorKind::not_found, "registration_unknown",
              fmt::format("there is no registration {}", key.substr(0, 254)),
              "podplay registrations list shows those that are pending");
}

std::optional<Registration> find_by_key(store::Session& session, const std::string& key) {
  if (const auto id = parse_number<std::int64_t>(key)) {
    return store::find_registration(session, *id);
  }
  const auto email = EmailAddress::parse(key);
  return email ? store::find_registration(session, email->text()) : std::nullopt;
}

// One that the actor may not see is answered like one that does not exist.
Result<Registration> find_administered(Context& context, store::Session& session,
                                       const Actor& actor, const std::string& key) {
  auto found = find_by_key(session, key);
  if (!found || found->expires < context.clock.now() || !actor.may_administer(found->domain)) {
    return no_registration(key);
  }
  return std::move(*found);
}

// A registration whose texts are checked. The password is not hashed yet.
Result<Registration> check_registration(const Context& context, const RegistrationInput& input) {
  std::vector<Fault> faults;
  Registration registration;
  const auto email = EmailAddress::parse_own(input.email);
  if (email) {
    registration.email = email->text();
    registration.domain = email->domain();
  } else {
    collect(faults, email.error());
  }
  const auto recovery = EmailAddress::parse(input.recovery_address, "recovery_address");
  if (!recovery) {
    collect(faults, recovery.error());
  } else if (recovery->text() == registration.email) {
    faults.push_back({.field = "recovery_address",
                      .code = "same_address",
                      .message = fmt::format("{} is the mailbox itself, which nobody can open who "
                                             "has forgotten its password",
                                             recovery->text()),
                      .remedy = "give an address that you have elsewhere"});
  } else {
    registration.recovery_address = recovery->text();
  }
  registration.language =
      input.language.empty() ? context.settings.text("PODPLAY_LANGUAGE") : input.language;
  if (!is_language(registration.language)) {
    faults.push_back({.field = "language",
                      .code = "unknown_language",
                      .message = fmt::format("there are no mails in '{}'", input.language),
                      .remedy = "use en or de"});
  }
  check_password(input.password, PasswordChoice::own, registration.email, faults);
  TRY(no_faults(std::move(faults)));
  return registration;
}

// What the domain allows. Says the same of a domain that is not here and of one that takes none.
Status check_rule(const RegistrationRule& rule, const Registration& wanted) {
  if (rule.mode == RegistrationMode::off) {
    return fail_faults({{.field = "email",
                         .code = "registration_closed",
                         .message = fmt::format("nobody can register at {}", wanted.domain),
                         .remedy = "ask an administrator for an account"}});
  }
  const std::string outside = wanted.recovery_address.substr(wanted.recovery_address.find('@') + 1);
  if (!rule.allowed_domains.empty() &&
      std::ranges::find(rule.allowed_domains, outside) == rule.allowed_domains.end()) {
    return fail_faults(
        {{.field = "recovery_address",
          .code = "recovery_domain_not_allowed",
          .message = fmt::format("with an address of {} nobody can register here", outside),
          .remedy = "use an address that the operator of this server allows"}});
  }
  return {};
}

Status check_room(Context& context, store::Session& session, const RegistrationRule& rule) {
  const std::int64_t pending =
      rule.most_pending == 0
          ? 0
          : store::count_registrations(session, rule.domain, context.clock.now());
  if (rule.most_pending == 0 || pending < rule.most_pending) {
    return {};
  }
  Error error{
      .kind = ErrorKind::rate_limited,
      .code = "too_many_pending",
      .message = fmt::format("{} registrations of {} are pending already", pending, rule.domain),
      .remedy = "try again later"};
  error.retry_after = kRetryWhenFull;
  return std::unexpected(std::move(error));
}

Status count_tries(Context& context, store::Transaction& transaction, const Actor& asking,
                   const std::string& recovery) {
  TRY(count_client_try(context, transaction, registrations_from(context), asking));
  return count_try(context, transaction, registrations_to(context), recovery);
}

// Makes the account of a registration, which is gone then.
Result<User> make_account(Change& change, const Registration& registration) {
  UserInput input;
  input.email = registration.email;
  input.password_hash = registration.password_hash;
  TRY(auto user, build_user(input, PasswordChoice::own, change.now()));
  TRY(check_free(change.transaction(), user));
  // no going back after this
  insert_user(change, user);
  store::put_contact(change.transaction(), {.user_id = user.id,
                                            .language = registration.language,
                                            .recovery_address = registration.recovery_address,
                                            .updated = change.now()});
  store::delete_registration(change.transaction(), registration.id);
  store::delete_links_of_registration(change.transaction(), registration.id);
  change.note("USER_CREATED", user.email, difference(nullptr, wire::to_json(user)));
  return user;
}

}  // namespace

Result<Registration> register_account(Context& context, const Actor& asking,
                                      const RegistrationInput& input) {
  TRY(auto registration, check_registration(context, input));
  // Closed domains are no secret, and cost no hash.
  TRY(auto rule, context.store.read_together<RegistrationRule>([&](store::Session& session) {
    return rule_of(context, session, registration.domain);
  }));
  TRY(check_rule(rule, registration));
  TRY(context.store.write<bool>([&](store::Transaction& transaction) -> Result<bool> {
    TRY(check_room(context, transaction, rule));
    TRY(count_tries(context, transaction, asking, registration.recovery_address));
    return true;
  }));
  TRY(registration.password_hash, check_and_hash(input.password, PasswordChoice::own,
                                                 registration.email, hash_cost(context.settings)));
  registration.created = context.clock.now();
  registration.expires = registration.created + kWaitsForMail;
  registration.remote_address = asking.remote_address();
  TRY(const auto event, context.store.write<store::AuditRow>(
                            [&](store::Transaction& transaction) -> Result<store::AuditRow> {
                              registration.id = transaction.next("id");
                              store::insert_registration(transaction, registration);
                              add_letter(context, transaction,
                                         {.kind = LetterKind::registration,
                                          .registration = registration.id,
                                          .language = registration.language},
                                         asking);
                              return store::insert_audit(
                                  transaction, audit_event(context, asking, "REGISTRATION_PENDING",
                                                           registration.email));
                            }));
  log_audit(context, event);
  context.jobs.wake();
  return registration;
}

Result<Confirmed> confirm_registration(Change& change, const Actor& actor, const Link& link,
                                       std::string& email) {
  Context& context = change.context();
  store::Transaction& transaction = change.transaction();
  auto registration = store::find_registration(transaction, link.registration);
  if (!registration) {
    return fail(ErrorKind::not_found, "link_invalid",
                "this link is not known, was used already, or is too old", "register again");
  }
  email = registration->email;
  if (rule_of(context, transaction, registration->domain).mode != RegistrationMode::approval) {
    TRY(make_account(change, *registration));
    change.finish("USER_CONFIRMED", email, "confirm the registration of " + email);
    return Confirmed::active;
  }
  if (store::waits_for_approval(transaction, email)) {
    return fail(ErrorKind::conflict, "user_exists",
                fmt::format("the address {} is not available any more", email),
                "register with another address");
  }
  registration->state = RegistrationState::waiting;
  registration->expires = change.now() + kWaitsForApproval;
  store::update_registration(transaction, *registration);
  add_letter(context, transaction,
             {.kind = LetterKind::registration_to_approve,
              .registration = registration->id,
              .recipient = context.settings.text("PODPLAY_ADMIN_EMAIL"),
              .facts = {{"email", email}, {"address", registration->recovery_address}}},
             actor);
  change.finish("USER_CONFIRMED", email, email + " waits for approval");
  return Confirmed::waiting_for_approval;
}

Result<std::vector<Registration>> list_registrations(Context& context, const Actor& actor,
                                                     const std::string& domain, std::int64_t after,
                                                     std::int64_t limit) {
  TRY(const auto filter, actor.domains_to_list(domain));
  return context.store.read_together<std::vector<Registration>>([&](store::Session& session) {
    if (filter.all) {
      return store::list_registrations(session, "", after, limit);
    }
    std::vector<Registration> found;
    for (const std::string& name : filter.names) {
      auto some = store::list_registrations(session, name, after, limit);
      std::ranges::move(some, std::back_inserter(found));
    }
    std::ranges::sort(found, {}, &Registration::id);
    found.resize(std::min(found.size(), static_cast<std::size_t>(limit)));
    return found;
  });
}

Result<Registration> get_registration(Context& context, const Actor& actor,
                                      const std::string& key) {
  TRY(auto found, context.store.read<Result<Registration>>([&](store::Session& session) {
    return find_administered(context, session, actor, key);
  }));
  return found;
}

Result<Changed<User>> approve_registration(Context& context, const Actor& actor,
                                           const std::string& key, const WriteOptions& options) {
  auto changed = make_change<User>(context, actor, options, [&](Change& change) -> Result<User> {
    TRY(const auto registration, find_administered(context, change.transaction(), actor, key));
    TRY(auto user, make_account(change, registration));
    add_letter(context, change.transaction(),
               {.kind = LetterKind::registration_approved,
                .user_id = user.id,
                .recipient = registration.recovery_address},
               actor);
    change.finish("REGISTRATION_APPROVED", user.email, "approve the registration of " + user.email);
    return user;
  });
  context.jobs.wake();
  return changed;
}

Result<Registration> refuse_registration(Context& context, const Actor& actor,
                                         const std::string& key) {
  struct Refused {
    Registration registration;
    store::AuditRow event;
  };
  TRY(auto refused,
      context.store.write<Refused>([&](store::Transaction& transaction) -> Result<Refused> {
        TRY(auto registration, find_administered(context, transaction, actor, key));
        store::delete_registration(transaction, registration.id);
        store::delete_links_of_registration(transaction, registration.id);
        // Who never confirmed may be somebody whose address was used by another.
        if (registration.state == RegistrationState::waiting) {
          add_letter(context, transaction,
                     {.kind = LetterKind::registration_refused,
                      .recipient = registration.recovery_address,
                      .language = registration.language,
                      .facts = {{"email", registration.email}}},
                     actor);
        }
        auto event = store::insert_audit(
            transaction, audit_event(context, actor, "REGISTRATION_REFUSED", registration.email));
        return Refused{std::move(registration), std::move(event)};
      }));
  log_audit(context, refused.event);
  context.jobs.wake();
  return std::move(refused.registration);
}

Result<ShownLink> show_registration_link(Context& context, const Actor& actor,
                                         const std::string& key) {
  if (context.settings.text("PODPLAY_PROFILE") != "lab") {
    return fail(ErrorKind::forbidden, "only_in_a_lab",
                "only a pod with PODPLAY_PROFILE=lab shows the links of registrations",
                "approve the registration instead: podplay registrations approve");
  }
  struct Shown {
    ShownLink link;
    store::AuditRow event;
  };
  TRY(auto shown, context.store.write<Shown>([&](store::Transaction& transaction) -> Result<Shown> {
    TRY(auto registration, find_administered(context, transaction, actor, key));
    ShownLink link{
        .email = registration.email,
        .url = make_link(context, transaction,
                         {.purpose = LinkPurpose::registration,
                          .registration = registration.id,
                          .address = registration.recovery_address,
                          .remote_address = actor.remote_address()}),
        .expires = context.clock.now() + link_lifetime(context, LinkPurpose::registration)};
    registration.expires = std::max(registration.expires, link.expires);
    store::update_registration(transaction, registration);
    auto event = store::insert_audit(
        transaction, audit_event(context, actor, "REGISTRATION_LINK_SHOWN", registration.email));
    return Shown{std::move(link), std::move(event)};
  }));
  log_audit(context, shown.event);
  return std::move(shown.link);
}

}  // namespace podplay::control
