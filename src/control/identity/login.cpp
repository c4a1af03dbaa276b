// A login costs the same time whether the account exists or not, and every try is in the audit.
#include "control/identity/login.hpp"

#include "base/encoding.hpp"
#include "control/audit.hpp"
#include "control/identity/limits.hpp"
#include "control/identity/tokens.hpp"
#include "model/names.hpp"
#include "store/sessions.hpp"
#include "store/users.hpp"

namespace podplay::control {
namespace {

using namespace std::chrono;

// What an unknown account is checked against, so that it takes as long as a known one.
const std::string& decoy_hash() {
  static const std::string hash = hash_password(Secret(random_token())).value_or("");
  return hash;
}

std::unexpected<Error> wrong_login() {
  return fail(ErrorKind::unauthorized, "login_failed",
              "the e-mail address or the password is wrong, or the account is disabled",
              "check both");
}

}  // namespace

Result<Login> login(Context& context, const std::string& email, const Secret& password,
                    const Actor& asking) {
  const WallTime now = context.clock.now();
  const auto address = EmailAddress::parse(email);
  const std::string account = address ? address->text() : "?";
  if (!context.logins.begin(asking.remote_address(), account, now)) {
    return fail(ErrorKind::rate_limited, "too_many_logins",
                "there were too many failed logins within an hour",
                "wait until an hour has passed since the first of them");
  }
  auto found = context.store.read<std::optional<User>>([&](store::Session& session) {
    return address ? store::find_user(session, address->text()) : std::nullopt;
  });
  if (!found) {
    return std::unexpected(found.error());
  }
  const bool right = verify_password(*found ? (**found).password_hash : decoy_hash(), password) &&
                     found->has_value() && (**found).enabled;
  const std::string subject = address ? address->text() : "(no address)";
  store::AuditRow event =
      audit_event(context, asking, right ? "LOGIN_SUCCESS" : "LOGIN_FAILED", subject);
  event.actor = subject;
  if (!right) {
    context.auth.warn(
        "login failed",
        {{"email", subject}, {"from", asking.remote_address()}, {"request", asking.request_id()}});
    auto kept = context.store.write<bool>([&](store::Transaction& transaction) -> Result<bool> {
      store::insert_audit(transaction, event);
      return true;
    });
    if (!kept) {
      return std::unexpected(kept.error());
    }
    return wrong_login();
  }
  context.logins.succeeded(asking.remote_address(), account, now);
  Login result{random_token(), now + seconds(context.settings.integer("PODPLAY_TOKEN_LIFETIME")),
               std::move(**found)};
  auto kept = context.store.write<bool>([&](store::Transaction& transaction) -> Result<bool> {
    store::insert_token(transaction,
                        {sha256_hex(result.token), result.user.id, now, result.expires});
    store::insert_audit(transaction, event);
    return true;
  });
  if (!kept) {
    return std::unexpected(kept.error());
  }
  context.auth.info(
      "logged in",
      {{"email", subject}, {"from", asking.remote_address()}, {"request", asking.request_id()}});
  return result;
}

Status logout(Context& context, const Actor& actor, const std::string& token) {
  const std::string hash = sha256_hex(token);
  auto done = context.store.write<bool>([&](store::Transaction& transaction) -> Result<bool> {
    store::delete_token(transaction, hash);
    store::insert_audit(transaction, audit_event(context, actor, "LOGOUT", actor.email()));
    return true;
  });
  context.tokens.forget(hash);
  if (!done) {
    return std::unexpected(done.error());
  }
  context.auth.info("logged out", {{"email", actor.email()},
                                   {"from", actor.remote_address()},
                                   {"request", actor.request_id()}});
  return {};
}

}  // namespace podplay::control
