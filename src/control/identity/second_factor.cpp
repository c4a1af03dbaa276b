// Whether a login needs a factor is a column of the user, kept here and nowhere else. The hash of
// the password is in the mail agent's replica only while no factor is there: then a password alone
// opens nothing.
#include "control/identity/second_factor.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "auth/generated.hpp"
#include "base/control_character.hpp"
#include "control/audit.hpp"
#include "control/identity/app_passwords.hpp"
#include "control/identity/known_logins.hpp"
#include "control/identity/recent.hpp"
#include "control/identity/sessions.hpp"
#include "control/identity/users.hpp"
#include "control/journeys/letters.hpp"
#include "store/app_passwords.hpp"
#include "store/factors.hpp"
#include "store/users.hpp"
#include "wire/credentials.hpp"

namespace podplay::control {
namespace {

constexpr std::size_t kLongestFactorName = 64;

std::vector<std::string> hashes_of(const std::vector<Secret>& codes) {
  std::vector<std::string> hashes;
  for (const Secret& code : codes) {
    hashes.push_back(auth::recovery_code_hash(code.reveal()));
  }
  return hashes;
}

}  // namespace

bool demands_second_factor(const Settings& settings, Role role) {
  const std::string& who = settings.text("PODPLAY_SECOND_FACTOR");
  return who == "everyone" || (who == "administrators" && role != Role::user) ||
         (who == "admins" && role == Role::admin);
}

Result<User> own_user(store::Session& session, const Actor& actor) {
  auto user = store::find_user(session, actor.user_id());
  if (!user) {
    return fail(ErrorKind::forbidden, "forbidden", "only a user has credentials",
                "log in as a user");
  }
  return std::move(*user);
}

Result<User> own_user(Context& context, const Actor& actor) {
  TRY(auto found, context.store.read_together<Result<User>>(
                      [&](store::Session& session) { return own_user(session, actor); }));
  return found;
}

FactorOverview overview_of(const Settings& settings, store::Session& session, const User& user) {
  const auto totp = store::find_totp(session, user.id);
  const store::RecoveryCodesLeft codes = store::count_recovery_codes(session, user.id);
  return {.email = user.email,
          .required = demands_second_factor(settings, user.role),
          .second_factor = user.second_factor,
          .totp = totp && totp->confirmed,
          .passkeys = static_cast<std::int64_t>(store::list_passkeys(session, user.id).size()),
          .recovery_codes = codes.left,
          .recovery_codes_created = codes.created};
}

Result<FactorOverview> get_factors(Context& context, const Actor& actor, const std::string& key) {
  TRY(const auto user, get_user(context, actor, key.empty() ? actor.email() : key));
  return context.store.read_together<FactorOverview>(
      [&](store::Session& session) { return overview_of(context.settings, session, user); });
}

std::vector<Secret> follow_factors(Change& change, const Actor& actor, User& user) {
  store::Transaction& transaction = change.transaction();
  const auto totp = store::find_totp(transaction, user.id);
  const bool needed =
      (totp && totp->confirmed) || !store::list_passkeys(transaction, user.id).empty();
  std::vector<Secret> codes;
  if (needed == user.second_factor) {
    return codes;
  }
  if (needed) {
    codes = auth::make_recovery_codes();
  }
  store::put_recovery_codes(transaction, user.id, hashes_of(codes), change.now());
  store::set_second_factor(transaction, user.id, needed);
  user.second_factor = needed;
  end_logins_of(transaction, user.id, actor.is(user) ? actor.login() : LoginFacts{});
  change.put(ServiceName::mail, mailbox_row(user));
  return codes;
}

Result<Changed<FactorOverview>> reset_factors(Context& context, const Actor& actor,
                                              const std::string& key, const WriteOptions& options) {
  // Hides who exists.
  TRY(const auto found, get_user(context, actor, key));
  if (actor.is(found)) {
    return fail(ErrorKind::forbidden, "own_factors",
                "your own second factors are removed one by one, by you",
                "podplay factors remove-totp, podplay passkeys delete");
  }
  TRY(actor.may_administer(found));
  auto changed = make_change<FactorOverview>(
      context, actor, options, [&](Change& change) -> Result<FactorOverview> {
        store::Transaction& transaction = change.transaction();
        auto user = store::find_user(transaction, found.id);
        if (!user) {
          return no_user(key);
        }
        TRY(actor.may_administer(*user));
        if (!user->second_factor && !store::find_totp(transaction, user->id)) {
          change.leave(user->revision);
          return overview_of(context.settings, transaction, *user);
        }
        const FactorOverview before = overview_of(context.settings, transaction, *user);
        // no going back after this
        store::delete_totp(transaction, user->id);
        store::delete_passkeys_of(transaction, user->id);
        follow_factors(change, actor, *user);
        add_letter(context, transaction,
                   {.kind = LetterKind::second_factor_reset, .user_id = user->id}, actor);
        const FactorOverview after = overview_of(context.settings, transaction, *user);
        change.finish("FACTORS_RESET", user->email, "reset the second factors of " + user->email,
                      factor_difference(before, after));
        return after;
      });
  if (changed && !options.dry_run && !changed->unchanged) {
    context.known_logins.forget_user(found.id);
    context.jobs.wake();
  }
  return changed;
}

Difference factor_difference(const FactorOverview& before, const FactorOverview& after) {
  return difference(wire::to_json(before), wire::to_json(after));
}

Result<std::vector<Secret>> renew_recovery_codes(Context& context, const Actor& actor,
                                                 const std::optional<Secret>& current_password) {
  TRY(const auto asking, own_user(context, actor));
  TRY(require_recent(context, actor, asking, current_password));
  const auto codes = auth::make_recovery_codes();
  const store::AuditRow event = audit_event(context, actor, "RECOVERY_CODES_RENEWED", asking.email);
  TRY(const auto row, context.store.write<store::AuditRow>(
                          [&](store::Transaction& transaction) -> Result<store::AuditRow> {
                            TRY(const auto user, own_user(transaction, actor));
                            if (!user.second_factor) {
                              return fail(ErrorKind::conflict, "no_second_factor",
                                          "recovery codes stand in for a second factor, and there "
                                          "is none",
                                          "set up an authenticator app or a passkey first");
                            }
                            store::put_recovery_codes(transaction, user.id, hashes_of(codes),
                                                      context.clock.now());
                            return store::insert_audit(transaction, event);
                          }));
  log_audit(context, row);
  return codes;
}

Status may_lose_factor(const Settings& settings, store::Session& session, const User& user) {
  const FactorOverview factors = overview_of(settings, session, user);
  if (!factors.required || factors.passkeys + (factors.totp ? 1 : 0) > 1) {
    return {};
  }
  return fail(ErrorKind::conflict, "factor_demanded",
              "it is the only second factor of an account that must have one",
              "add another one first");
}

std::string totp_place(const User& user) { return fmt::format("totp {}", user.id); }

void check_given_name(const std::string& name, std::vector<Fault>& faults) {
  const bool plain = std::ranges::none_of(name, is_control);
  if (name.empty() || name.size() > kLongestFactorName || !plain ||
      name.find_first_not_of(' ') == name.npos) {
    faults.push_back({.field = "name",
                      .code = "bad_name",
                      .message = fmt::format("'{}' is no name for a device", name.substr(0, 40)),
                      .remedy = fmt::format("use 1 to {} octets of one line, such as \"phone\"",
                                            kLongestFactorName)});
  }
}

void drop_credentials(Change& change, const User& user) {
  for (const AppPassword& password : store::list_app_passwords(change.transaction(), user.id)) {
    change.put(ServiceName::mail,
               {.key = std::to_string(password.id), .deleted = true, .content = AppPasswordRow{}});
    store::delete_app_password(change.transaction(), password.id);
  }
}

}  // namespace podplay::control
