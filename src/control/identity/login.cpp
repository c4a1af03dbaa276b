// A login takes the same time whether the account exists or not, its failure says nothing about
// which part was wrong, and every try is in the audit.
#include "control/identity/login.hpp"

#include "base/encoding.hpp"
#include "control/audit.hpp"
#include "control/identity/tokens.hpp"
#include "control/limits/refusal.hpp"
#include "model/names.hpp"
#include "store/audit.hpp"
#include "store/tokens.hpp"
#include "store/users.hpp"

namespace podplay::control {
namespace {

// The password of an unknown account is checked against this hash.
const std::string& decoy_hash() {
  static const std::string hash = hash_password(Secret(random_token())).value_or("");
  return hash;
}

struct Account {
  std::optional<User> user;
  bool allowed = false;
};

Account find_account(store::Session& session, const std::string& email) {
  Account account{.user = store::find_user(session, email)};
  account.allowed = account.user && may_use_api(session, *account.user);
  return account;
}

bool is_right(const Account& account, const Secret& password) {
  const bool matches =
      verify_password(account.user ? account.user->password_hash : decoy_hash(), password);
  return matches && account.allowed;
}

Status store_token(Context& context, const store::TokenRow& token, const store::AuditRow& event) {
  TRY(context.store.write<bool>([&](store::Transaction& transaction) -> Result<bool> {
    store::insert_token(transaction, token);
    store::insert_audit(transaction, event);
    return true;
  }));
  return {};
}

}  // namespace

Result<Login> login(Context& context, const std::string& email, const Secret& password,
                    const Actor& asking) {
  const WallTime now = context.clock.now();
  const auto address = EmailAddress::parse(email);
  // All texts that are not addresses count as one account.
  const std::string account = address ? address->text() : "?";
  const guard::LoginTry attempt = login_try(context, asking, account, password);
  if (const auto refusal = context.logins.begin(attempt)) {
    return refuse_login(context, *refusal);
  }
  TRY(auto known, context.store.read_together<Account>([&](store::Session& session) {
    return address ? find_account(session, address->text()) : Account{};
  }));
  const bool right = is_right(known, password);
  const std::string subject = address ? address->text() : "(no address)";
  if (!right) {
    // The limiter's log takes the failure to the audit (control/limits/login_audit).
    context.logins.failed(attempt);
    context.auth.warn(
        "login failed",
        {{"email", subject}, {"from", asking.remote_address()}, {"request", asking.request_id()}});
    return fail(ErrorKind::unauthorized, "login_failed",
                "the e-mail address or the password is wrong, or the account or its domain is "
                "disabled",
                "check both");
  }
  context.logins.succeeded(attempt);
  store::AuditRow event = audit_event(context, asking, "LOGIN_SUCCESS", subject);
  event.actor = subject;
  const std::chrono::seconds lifetime(context.settings.integer("PODPLAY_TOKEN_LIFETIME"));
  Login result{.token = random_token(), .expires = now + lifetime, .user = std::move(*known.user)};
  const store::TokenRow token{.hash = sha256_hex(result.token),
                              .user_id = result.user.id,
                              .created = now,
                              .expires = result.expires};
  TRY(store_token(context, token, event));
  context.auth.info(
      "logged in",
      {{"email", subject}, {"from", asking.remote_address()}, {"request", asking.request_id()}});
  return result;
}

Status logout(Context& context, const Actor& actor, const std::string& token) {
  const std::string hash = sha256_hex(token);
  const auto done = context.store.write<bool>([&](store::Transaction& transaction) -> Result<bool> {
    store::delete_token(transaction, hash);
    store::insert_audit(transaction, audit_event(context, actor, "LOGOUT", actor.email()));
    return true;
  });
  // Also when the store failed: the next request reads the token from there again.
  context.tokens.forget(hash);
  TRY(done);
  context.auth.info("logged out", {{"email", actor.email()},
                                   {"from", actor.remote_address()},
                                   {"request", actor.request_id()}});
  return {};
}

}  // namespace podplay::control
