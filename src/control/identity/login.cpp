// A login takes the same time whether the account exists or not, its failure says nothing about
// which part was wrong, and every try is in the audit.
#include "control/identity/login.hpp"

#include <fmt/format.h>

#include <nlohmann/json.hpp>

#include "auth/password_scheme.hpp"
#include "base/encoding.hpp"
#include "base/json_text.hpp"
#include "control/audit.hpp"
#include "control/identity/hash_memory.hpp"
#include "control/identity/known_logins.hpp"
#include "control/identity/prove_factor.hpp"
#include "control/identity/rehash.hpp"
#include "control/identity/tokens.hpp"
#include "control/limits/refusal.hpp"
#include "model/names.hpp"
#include "store/audit.hpp"
#include "store/login_tickets.hpp"
#include "store/sessions.hpp"
#include "store/tokens.hpp"
#include "store/users.hpp"

namespace podplay::control {
namespace {

using namespace std::chrono;

// Wrong factors that end a ticket.
constexpr std::int64_t kMostFailures = 5;
constexpr std::size_t kLongestAgent = 200;
constexpr std::size_t kLongestTicket = 200;

struct Account {
  std::optional<User> user;
  bool allowed = false;
};

Account find_account(store::Session& session, const std::string& email) {
  Account account{.user = store::find_user(session, email)};
  account.allowed = account.user && may_use_api(session, *account.user);
  return account;
}

bool is_right(const Context& context, const Account& account, const Secret& password) {
  const std::string hash = account.user ? account.user->password_hash
                                        : context.hashes.decoy(hash_cost(context.settings));
  return auth::verify(hash, password) && account.allowed;
}

std::unexpected<Error> login_failed() {
  return fail(ErrorKind::unauthorized, "login_failed",
              "the e-mail address or the password is wrong, or the account or its domain is "
              "disabled",
              "check both");
}

std::unexpected<Error> invalid_ticket() {
  return fail(ErrorKind::unauthorized, "ticket_invalid",
              "the login took too long, had too many wrong codes, or was finished already",
              "begin again with the password");
}

// What a ticket keeps. `mark` is the password's (guard/mark.hpp): the limiter hears that it was
// right only when the factor is right too.
std::string wish_text(const LoginWish& wish, const std::string& mark) {
  return json_text(nlohmann::json{{"kind", to_text(wish.kind)},
                                  {"name", wish.name},
                                  {"agent", wish.agent.substr(0, kLongestAgent)},
                                  {"mark", mark}});
}

LoginWish wish_of(const nlohmann::json& json) {
  const bool session = json.value("kind", "") == to_text(LoginFacts::Kind::session);
  return {.kind = session ? LoginFacts::Kind::session : LoginFacts::Kind::token,
          .name = json.value("name", ""),
          .agent = json.value("agent", "")};
}

Result<HalfLogin> make_ticket(Context& context, const Actor& asking, const User& user,
                              const LoginWish& wish, const std::string& mark) {
  const WallTime now = context.clock.now();
  HalfLogin half{.ticket = random_token(), .expires = now + kTicketLifetime, .offer = {}};
  const LoginTicket ticket{.hash = sha256_hex(half.ticket),
                           .user_id = user.id,
                           .wish = wish_text(wish, mark),
                           .created = now,
                           .expires = half.expires};
  TRY(const auto event, context.store.write<store::AuditRow>(
                            [&](store::Transaction& transaction) -> Result<store::AuditRow> {
                              store::insert_login_ticket(transaction, ticket);
                              store::AuditRow row =
                                  audit_event(context, asking, "FACTOR_ASKED", user.email);
                              row.actor = user.email;
                              return store::insert_audit(transaction, std::move(row));
                            }));
  log_audit(context, event);
  TRY(half.offer, offer_factors(context, user, ticket.hash));
  return half;
}

void insert_login(store::Transaction& transaction, const Login& login, const LoginWish& wish,
                  const std::string& address, WallTime now) {
  const std::string hash = sha256_hex(login.token);
  if (login.kind == LoginFacts::Kind::session) {
    store::insert_session(transaction, {.id = login.id,
                                        .hash = hash,
                                        .user_id = login.user.id,
                                        .strength = login.strength,
                                        .agent = wish.agent.substr(0, kLongestAgent),
                                        .address = address,
                                        .created = now,
                                        .proven = now,
                                        .expires = login.expires,
                                        .last_used = now,
                                        .last_address = address});
    return;
  }
  store::insert_token(transaction, {.id = login.id,
                                    .hash = hash,
                                    .user_id = login.user.id,
                                    .name = wish.name,
                                    .scopes = Scopes::all(),
                                    .networks = {},
                                    .strength = login.strength,
                                    .address = address,
                                    .created = now,
                                    .proven = now,
                                    .expires = login.expires});
}

}  // namespace

Result<LoginStep> login(Context& context, const std::string& email, const Secret& password,
                        const LoginWish& wish, const Actor& asking) {
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
  const bool right = is_right(context, known, password);
  if (!right) {
    // The limiter's log takes the failure to the audit (control/limits/login_audit).
    context.logins.failed(attempt);
    context.auth.warn("login failed", {{"email", address ? account : "(no address)"},
                                       {"from", asking.remote_address()},
                                       {"request", asking.request_id()}});
    return login_failed();
  }
  replace_outdated_hash(context, *known.user, password);
  if (!known.user->second_factor) {
    // With a second factor, the limiter hears of the right password when that is right too.
    context.logins.succeeded(attempt);
  }
  return go_on_with_login(context, asking, *known.user, wish, attempt.mark);
}

Result<LoginStep> go_on_with_login(Context& context, const Actor& asking, const User& user,
                                   const LoginWish& wish, const std::string& mark) {
  if (user.second_factor) {
    TRY(auto half, make_ticket(context, asking, user, wish, mark));
    return LoginStep{.done = {}, .half = std::move(half)};
  }
  TRY(auto done, begin_login(context, asking, user, Strength::single_factor, wish));
  return LoginStep{.done = std::move(done), .half = {}};
}

Result<Login> finish_login(Context& context, const std::string& ticket, FactorAnswer answer,
                           const Status& may_have_cookie, const Actor& asking) {
  if (ticket.size() > kLongestTicket) {
    return invalid_ticket();
  }
  answer.ticket_hash = sha256_hex(ticket);
  struct Found {
    std::optional<LoginTicket> ticket;
    std::optional<User> user;
  };
  TRY(const auto found, context.store.read_together<Found>([&](store::Session& session) {
    Found result{.ticket = store::find_login_ticket(session, answer.ticket_hash), .user = {}};
    if (result.ticket) {
      result.user = store::find_user(session, result.ticket->user_id);
    }
    return result;
  }));
  if (!found.ticket || !found.user || found.ticket->expires <= context.clock.now() ||
      found.ticket->failures >= kMostFailures) {
    return invalid_ticket();
  }
  const auto kept = nlohmann::json::parse(found.ticket->wish, nullptr, false);
  const LoginWish wish = wish_of(kept);
  if (wish.kind == LoginFacts::Kind::session) {
    TRY(may_have_cookie);
  }
  if (const Status proven = prove_factor(context, asking, *found.user, answer); !proven) {
    if (proven.error().code == "factor_failed") {
      TRY(context.store.write<bool>([&](store::Transaction& transaction) -> Result<bool> {
        store::count_login_ticket_failure(transaction, answer.ticket_hash);
        return true;
      }));
    }
    return std::unexpected(proven.error());
  }
  // Of two requests with one ticket, one gets the login.
  TRY(const bool first,
      context.store.write<bool>([&](store::Transaction& transaction) -> Result<bool> {
        return store::delete_login_ticket(transaction, answer.ticket_hash);
      }));
  if (!first) {
    return invalid_ticket();
  }
  context.logins.succeeded({.account = found.user->email,
                            .address = asking.remote_address(),
                            .door = "http",
                            .mark = kept.value("mark", "")});
  return begin_login(context, asking, *found.user, Strength::multi_factor, wish);
}

Result<Login> begin_login(Context& context, const Actor& asking, const User& user,
                          Strength strength, const LoginWish& wish) {
  const WallTime now = context.clock.now();
  const bool session = wish.kind == LoginFacts::Kind::session;
  const seconds lifetime(session ? context.settings.integer("PODPLAY_SESSION_LIFETIME")
                                 : context.settings.integer("PODPLAY_TOKEN_LIFETIME"));
  Login login{.kind = wish.kind,
              .token = session ? random_token() : make_token(),
              .expires = now + lifetime,
              .strength = strength,
              .user = user};
  TRY(const auto event, context.store.write<store::AuditRow>(
                            [&](store::Transaction& transaction) -> Result<store::AuditRow> {
                              const auto current = store::find_user(transaction, user.id);
                              if (!current || !may_use_api(transaction, *current)) {
                                return login_failed();
                              }
                              login.user = *current;
                              login.id = transaction.next("id");
                              insert_login(transaction, login, wish, asking.remote_address(), now);
                              store::AuditRow row =
                                  audit_event(context, asking, "LOGIN_SUCCESS", user.email);
                              row.actor = user.email;
                              return store::insert_audit(transaction, std::move(row));
                            }));
  context.auth.info("logged in", {{"email", user.email},
                                  {"with", to_text(wish.kind)},
                                  {"strength", to_text(strength)},
                                  {"from", asking.remote_address()},
                                  {"request", asking.request_id()}});
  log_audit(context, event);
  return login;
}

Status logout(Context& context, const Actor& actor) {
  const LoginFacts& login = actor.login();
  const auto done = context.store.write<store::AuditRow>(
      [&](store::Transaction& transaction) -> Result<store::AuditRow> {
        if (login.kind == LoginFacts::Kind::session) {
          store::delete_session(transaction, login.id);
        } else {
          store::delete_token(transaction, login.id);
        }
        store::note_login_change(transaction);
        return store::insert_audit(transaction,
                                   audit_event(context, actor, "LOGOUT", actor.email()));
      });
  // Also when the store failed: the next request reads the login from there again.
  context.known_logins.forget_user(actor.user_id());
  TRY(done);
  log_audit(context, *done);
  context.auth.info("logged out", {{"email", actor.email()},
                                   {"from", actor.remote_address()},
                                   {"request", actor.request_id()}});
  return {};
}

}  // namespace podplay::control
