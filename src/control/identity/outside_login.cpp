// Every step trusts only what the step before has proven: the state is ours and this browser's, the
// code is the state's, the token is the code's, and the address is the token's.
//
// Which users an address finds, and why that is safe:
// - The own address of a user. Where the provider is that of the same house, it gives the address
//   to this person. Where anybody can register at the provider, it has seen that the person reads
//   the mailbox.
// - Else the confirmed recovery address of exactly one user. Whoever reads it can set a new
//   password by mail (control/journeys/passwords_by_link), so this gives nobody more.
// An address may be another person's later, but the provider's number of a person never is. So the
// first login ties the user to that number, tells the user by mail, and others are refused.
#include "control/identity/outside_login.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "base/encoding.hpp"
#include "control/audit.hpp"
#include "control/identity/challenges.hpp"
#include "control/identity/outside_provider.hpp"
#include "control/identity/sealing.hpp"
#include "control/identity/tokens.hpp"
#include "control/identity/users.hpp"
#include "control/journeys/letters.hpp"
#include "control/journeys/tries.hpp"
#include "model/names.hpp"
#include "store/audit.hpp"
#include "store/outside_identities.hpp"
#include "store/users.hpp"

namespace podplay::control {
namespace {

using Json = nlohmann::json;

// Logins of one client within an hour that come back from the provider: each asks it something.
constexpr std::int64_t kMostLogins = 60;
constexpr std::size_t kLongestCode = 2048;

bool is_available(const Settings& settings) {
  return !settings.text("PODPLAY_OUTSIDE_LOGIN_ISSUER").empty();
}

Result<ProviderAccess> access_of(const Context& context) {
  const Settings& settings = context.settings;
  if (!is_available(settings)) {
    return fail(ErrorKind::not_found, "outside_login_off",
                "this server lets nobody log in by an outside provider",
                "log in with your password");
  }
  ProviderAccess access{.issuer = settings.text("PODPLAY_OUTSIDE_LOGIN_ISSUER"),
                        .client_id = settings.text("PODPLAY_OUTSIDE_LOGIN_CLIENT_ID"),
                        .client_secret = settings.secret("PODPLAY_OUTSIDE_LOGIN_CLIENT_SECRET"),
                        .ca = {}};
  if (const std::string& file = settings.text("PODPLAY_OUTSIDE_LOGIN_CA"); !file.empty()) {
    auto pem = context.files.read(context.paths.overrides + "/" + file);
    if (!pem) {
      return fail(ErrorKind::unavailable, "outside_unavailable",
                  fmt::format("PODPLAY_OUTSIDE_LOGIN_CA names {}, which cannot be read", file),
                  "put the file into PODPLAY_OVERRIDES/api");
    }
    access.ca = std::move(*pem);
  }
  return access;
}

std::string redirect_uri(const Settings& settings) {
  return settings.text("PODPLAY_PUBLIC_URL") + std::string(kOutsideLoginPage);
}

std::string browser_purpose(const std::string& browser) {
  return fmt::format("outside login {}", sha256_hex(browser));
}

// What follows from a state, and is known to nobody who has only that.
struct LoginSecrets {
  std::string nonce;
  // RFC 7636 section 4.1: 43 characters.
  std::string verifier;
};
Result<LoginSecrets> secrets_of(Context& context, const std::string& state) {
  TRY(const auto seal, open_seal(context));
  return LoginSecrets{.nonce = base64url(seal.mark("outside nonce " + state)),
                      .verifier = base64url(seal.mark("outside verifier " + state))};
}

std::unexpected<Error> invalid_state() {
  return fail(ErrorKind::unauthorized, "outside_state_invalid",
              "the login took too long, was begun in another browser, or was finished already",
              "begin again on the login page");
}

// The octets of a state that this program made for this browser.
Result<std::string> read_state(Context& context, const std::string& browser,
                               const std::string& state) {
  const auto octets = from_base64url(state);
  if (browser.empty() || !octets || !check_challenge(context, *octets, browser_purpose(browser))) {
    return invalid_state();
  }
  return *octets;
}

// A state is used once, whatever comes of it.
Status use_state(Context& context, const Actor& asking, const std::string& octets) {
  const TryRule rule{.kind = "outside_login_from",
                     .most = kMostLogins,
                     .window = std::chrono::hours(1),
                     .what = "logins by the outside provider from your address"};
  TRY(context.store.write<bool>([&](store::Transaction& transaction) -> Result<bool> {
    TRY(count_client_try(context, transaction, rule, asking));
    return true;
  }));
  const auto used = context.store.write<bool>([&](store::Transaction& transaction) -> Result<bool> {
    TRY(use_challenge(transaction, octets, context.clock.now()));
    return true;
  });
  if (!used && used.error().code == "challenge_invalid") {
    return invalid_state();
  }
  TRY(used);
  return {};
}

Status check_issuer(const ProviderFacts& facts, const ProviderAccess& access,
                    const std::string& named) {
  const bool missing = named.empty() && facts.answers_name_issuer;
  if (missing || (!named.empty() && named != access.issuer)) {
    return fail(ErrorKind::unauthorized, "outside_refused", "the answer is of another provider",
                "begin again on the login page");
  }
  return {};
}

// Who the provider says it is.
struct Person {
  std::string issuer;
  std::string subject;
  std::string address;
};

// The identity token says who it is, and perhaps the address; else the provider is asked for that.
Result<Person> ask_provider(Context& context, const OutsideAnswer& answer) {
  TRY(const auto access, access_of(context));
  OutsideProvider& provider = context.outside_provider;
  TRY(const auto facts, provider.facts(access));
  TRY(check_issuer(facts, access, answer.issuer));
  TRY(const auto secrets, secrets_of(context, answer.state));
  TRY(const auto tokens, provider.redeem(access, {.code = answer.code,
                                                  .redirect_uri = redirect_uri(context.settings),
                                                  .verifier = secrets.verifier}));
  TRY(const auto token, read_id_token(tokens.id_token));
  TRY(const auto keys, provider.keys_for(access, token));
  TRY(check_id_token(token, keys,
                     {.issuer = access.issuer,
                      .client_id = access.client_id,
                      .nonce = secrets.nonce,
                      .now = context.clock.now()}));
  const std::string subject = claim_text(token.claims, "sub");
  Json claims = token.claims;
  if (!claims.contains("email")) {
    TRY(claims, provider.user_info(access, tokens.access_token));
    // OpenID Connect Core section 5.3.2: it may be somebody else's.
    if (!claims.empty() && claim_text(claims, "sub") != subject) {
      return fail(ErrorKind::unauthorized, "id_token_refused",
                  "what the provider says about you is of two persons (sub)",
                  "log in again; if it happens again, tell your administrator");
    }
  }
  const auto address = EmailAddress::parse(claim_text(claims, "email"));
  const auto verified = claims.find("email_verified");
  if (!address || verified == claims.end() || *verified != true) {
    return fail(ErrorKind::forbidden, "outside_address_unverified",
                "the provider does not say that it has verified an address of yours",
                "confirm your address there, or log in with your password");
  }
  return Person{.issuer = access.issuer, .subject = subject, .address = address->text()};
}

std::unexpected<Error> refuse_login(const char* code, std::string message, std::string remedy) {
  return fail(ErrorKind::forbidden, code, std::move(message), std::move(remedy));
}

Status check_domain(const Settings& settings, const Person& person) {
  const auto allowed = outside_login_domains(settings);
  const std::string domain = person.address.substr(person.address.rfind('@') + 1);
  if (allowed.empty() || std::ranges::find(allowed, domain) != allowed.end()) {
    return {};
  }
  return refuse_login("outside_address_refused",
                      fmt::format("addresses of {} do not count here", domain),
                      "choose another account at the provider, or log in with your password");
}

Result<User> find_user_of(store::Session& session, const Person& person) {
  auto user = store::find_user(session, person.address);
  if (!user) {
    const auto ids = store::find_users_by_recovery_address(session, person.address);
    if (ids.size() > 1) {
      return refuse_login(
          "outside_no_account",
          fmt::format("{} is the recovery address of several accounts", person.address),
          "log in with the password of the one that you mean");
    }
    user = ids.empty() ? std::nullopt : store::find_user(session, ids.front());
  }
  if (!user) {
    return refuse_login("outside_no_account",
                        fmt::format("no account here has the address {}", person.address),
                        "log in with your password, and make it your recovery address; or ask your "
                        "administrator for an account");
  }
  if (!may_use_api(session, *user)) {
    return refuse_login("outside_no_account",
                        "the account of this address, or its domain, is disabled",
                        "ask your administrator");
  }
  // One more server must not be enough for what others entrusted to this one.
  if (user->role != Role::user && !user->second_factor) {
    return refuse_login(
        "outside_factor_needed",
        "an administrator without a second factor cannot log in by the outside provider",
        "log in with your password, and set up an authenticator app or a passkey");
  }
  return std::move(*user);
}

// The user, tied to the person. `event` is what the audit will say.
Result<User> connect(Context& context, store::Transaction& transaction, const Person& person,
                     const Actor& asking, store::AuditRow& event) {
  TRY(const auto user, find_user_of(transaction, person));
  const WallTime now = context.clock.now();
  auto known = store::find_outside_identity(transaction, user.id);
  // Another provider than before counts its people again.
  if (known && known->issuer != person.issuer) {
    store::delete_outside_identity(transaction, user.id);
    known.reset();
  }
  const auto other = store::find_outside_identity(transaction, person.issuer, person.subject);
  if ((known && known->subject != person.subject) || (other && other->user_id != user.id)) {
    return refuse_login(
        "outside_other_person",
        fmt::format("the account of {} and you at the provider are not tied to each "
                    "other, but to others",
                    person.address),
        "log in with your password, or ask an administrator: podplay users "
        "disconnect-outside-login");
  }
  const Json facts{
      {"issuer", person.issuer}, {"subject", person.subject}, {"address", person.address}};
  // no going back after this
  if (known) {
    store::note_outside_identity_use(transaction, user.id, person.address, now);
  } else {
    store::insert_outside_identity(transaction, {.user_id = user.id,
                                                 .issuer = person.issuer,
                                                 .subject = person.subject,
                                                 .address = person.address,
                                                 .created = now,
                                                 .last_used = now});
    add_letter(context, transaction,
               {.kind = LetterKind::outside_login_connected,
                .user_id = user.id,
                .facts = {{"name", offer_outside_login(context.settings).name},
                          {"address", person.address}}},
               asking);
  }
  event = audit_event(context, asking, known ? "OUTSIDE_LOGIN_PROVEN" : "OUTSIDE_LOGIN_CONNECTED",
                      user.email, difference(nullptr, facts));
  event.actor = user.email;
  event = store::insert_audit(transaction, std::move(event));
  return user;
}

Result<User> prove_person(Context& context, const OutsideAnswer& answer, const std::string& octets,
                          const Actor& asking, std::string& address) {
  TRY(use_state(context, asking, octets));
  TRY(const auto person, ask_provider(context, answer));
  address = person.address;
  TRY(check_domain(context.settings, person));
  store::AuditRow event;
  TRY(auto user, context.store.write<User>([&](store::Transaction& transaction) {
    return connect(context, transaction, person, asking, event);
  }));
  log_audit(context, event);
  context.jobs.wake();
  return user;
}

}  // namespace

OutsideLoginOffer offer_outside_login(const Settings& settings) {
  OutsideLoginOffer offer{.available = is_available(settings),
                          .name = settings.text("PODPLAY_OUTSIDE_LOGIN_NAME")};
  if (offer.available && offer.name.empty()) {
    const std::string& issuer = settings.text("PODPLAY_OUTSIDE_LOGIN_ISSUER");
    const std::size_t begin = issuer.find("://") + 3;
    offer.name = issuer.substr(begin, issuer.find_first_of(":/", begin) - begin);
  }
  return offer;
}

Result<std::string> begin_outside_login(Context& context, const std::string& browser) {
  TRY(const auto access, access_of(context));
  const auto facts = context.outside_provider.facts(access);
  if (!facts) {
    context.auth.warn("the outside provider cannot be used",
                      {{"issuer", access.issuer}, {"why", facts.error().message}});
    return std::unexpected(facts.error());
  }
  TRY(const auto octets, make_challenge(context, browser_purpose(browser), kOutsideLoginLifetime));
  const std::string state = base64url(octets);
  TRY(const auto secrets, secrets_of(context, state));
  std::string url = facts->authorization_endpoint;
  char separator = url.find('?') == url.npos ? '?' : '&';
  for (const auto& [name, value] : std::initializer_list<std::pair<const char*, std::string>>{
           {"response_type", "code"},
           {"client_id", access.client_id},
           {"redirect_uri", redirect_uri(context.settings)},
           {"scope", "openid email"},
           {"state", state},
           {"nonce", secrets.nonce},
           {"code_challenge", base64url(sha256(secrets.verifier))},
           {"code_challenge_method", "S256"}}) {
    url += fmt::format("{}{}={}", separator, name, net::url_encode(value));
    separator = '&';
  }
  return url;
}

Result<LoginStep> finish_outside_login(Context& context, const std::string& browser,
                                       const OutsideAnswer& answer, const LoginWish& wish,
                                       const Actor& asking) {
  TRY(access_of(context));
  const auto octets = read_state(context, browser, answer.state);
  if (!octets || answer.code.empty() || answer.code.size() > kLongestCode) {
    context.auth.warn("an answer of the outside provider is of no login here",
                      {{"from", asking.remote_address()}, {"request", asking.request_id()}});
    return invalid_state();
  }
  std::string address = "(unknown)";
  const auto user = prove_person(context, answer, *octets, asking, address);
  if (!user) {
    context.auth.warn("a login by the outside provider failed", {{"email", address},
                                                                 {"why", user.error().message},
                                                                 {"from", asking.remote_address()},
                                                                 {"request", asking.request_id()}});
    // So the limit is also one of the rows that a stranger can make.
    if (user.error().code != "too_many_requests") {
      note_action(context, asking, "OUTSIDE_LOGIN_FAILED", address,
                  difference(nullptr, Json{{"code", user.error().code}}));
    }
    return std::unexpected(user.error());
  }
  return go_on_with_login(context, asking, *user, wish, "");
}

Result<OutsideConnection> get_outside_connection(Context& context, const Actor& actor,
                                                 const std::string& key) {
  TRY(const auto user, get_user(context, actor, key));
  return context.store.read_together<OutsideConnection>([&](store::Session& session) {
    return OutsideConnection{
        .email = user.email,
        .identity = store::find_outside_identity(session, user.id).value_or(OutsideIdentity{})};
  });
}

Result<OutsideConnection> disconnect_outside_login(Context& context, const Actor& actor,
                                                   const std::string& key) {
  TRY(const auto user, get_user(context, actor, key));
  TRY(actor.may_administer(user));
  store::AuditRow event;
  TRY(context.store.write<bool>([&](store::Transaction& transaction) -> Result<bool> {
    const auto known = store::find_outside_identity(transaction, user.id);
    if (!known) {
      return fail(ErrorKind::conflict, "outside_not_connected",
                  fmt::format("{} has never logged in by the outside provider", user.email),
                  "nothing needs to be done");
    }
    // no going back after this
    store::delete_outside_identity(transaction, user.id);
    event = store::insert_audit(
        transaction, audit_event(context, actor, "OUTSIDE_LOGIN_DISCONNECTED", user.email,
                                 difference(Json{{"issuer", known->issuer},
                                                 {"subject", known->subject},
                                                 {"address", known->address}},
                                            nullptr)));
    return true;
  }));
  log_audit(context, event);
  return OutsideConnection{.email = user.email, .identity = {}};
}

}  // namespace podplay::control
