// A passkey is checked before the transaction; the transaction marks its challenge as answered.
#include "control/identity/passkeys.hpp"

#include <fmt/format.h>

#include "auth/webauthn.hpp"
#include "base/encoding.hpp"
#include "control/audit.hpp"
#include "control/identity/challenges.hpp"
#include "control/identity/known_logins.hpp"
#include "control/identity/recent.hpp"
#include "control/journeys/letters.hpp"
#include "store/factors.hpp"
#include "store/users.hpp"
#include "wire/credentials.hpp"

namespace podplay::control {
namespace {

using Json = nlohmann::json;

constexpr std::size_t kMostPasskeys = 20;
constexpr const char* kLoginPurpose = "login";

std::string registration_purpose(const User& user) { return fmt::format("register {}", user.id); }

// What a passkey keeps as its user: it says nothing about the person, and no later user has it.
std::string user_handle(const User& user) {
  return base64url(fmt::format("podplay {}", user.owner));
}

std::unexpected<Error> no_passkey(std::int64_t id) {
  return fail(ErrorKind::not_found, "passkey_unknown", fmt::format("there is no passkey {}", id),
              "podplay passkeys list shows yours");
}

std::unexpected<Error> unknown_passkey() {
  return fail(ErrorKind::unauthorized, "login_failed",
              "the passkey is not known here, or its account or domain is disabled",
              "log in with your password, and add the passkey again");
}

std::vector<std::string> ids_of(const std::vector<StoredPasskey>& passkeys) {
  std::vector<std::string> ids;
  for (const StoredPasskey& passkey : passkeys) {
    ids.push_back(passkey.credential);
  }
  return ids;
}

Result<wire::PasskeyQuestion> make_question(Context& context, const std::string& purpose,
                                            std::vector<std::string> allowed) {
  TRY(auto challenge, make_challenge(context, purpose));
  return wire::PasskeyQuestion{.challenge = std::move(challenge),
                               .timeout = kChallengeLifetime,
                               .relying_party = relying_party(context.settings).id,
                               .allowed = std::move(allowed)};
}

// Octets of a member in base64url; nothing when it is missing or no base64url.
std::optional<std::string> octets_in(const Json& object, const char* name) {
  const auto member = object.find(name);
  if (member == object.end() || !member->is_string()) {
    return std::nullopt;
  }
  auto octets = from_base64url(member->get<std::string>());
  return octets ? std::optional(std::move(*octets)) : std::nullopt;
}

std::unexpected<Error> malformed() {
  return fail_faults({{.field = "credential",
                       .code = "bad_passkey",
                       .message = "it is no answer of a browser about a passkey",
                       .remedy = "send what PublicKeyCredential.toJSON() gives"}});
}

// The member `response` of a browser's answer.
Result<Json> response_of(const Json& credential) {
  const bool fits = credential.is_object() && credential.contains("response") &&
                    credential["response"].is_object() &&
                    credential.value("type", "") == "public-key";
  if (!fits) {
    return malformed();
  }
  return credential["response"];
}

Result<auth::Registration> read_registration(const Json& credential) {
  TRY(const auto response, response_of(credential));
  auto client_data = octets_in(response, "clientDataJSON");
  auto attestation = octets_in(response, "attestationObject");
  if (!client_data || !attestation) {
    return malformed();
  }
  return auth::Registration{.client_data = std::move(*client_data),
                            .attestation_object = std::move(*attestation)};
}

struct ReadAssertion {
  // base64url
  std::string credential;
  std::string user_handle;
  auth::Assertion assertion;
};

Result<ReadAssertion> read_assertion(const Json& credential) {
  TRY(const auto response, response_of(credential));
  const auto id = octets_in(credential, "rawId");
  auto client_data = octets_in(response, "clientDataJSON");
  auto data = octets_in(response, "authenticatorData");
  auto signature = octets_in(response, "signature");
  if (!id || !client_data || !data || !signature) {
    return malformed();
  }
  const auto handle = octets_in(response, "userHandle");
  return ReadAssertion{.credential = base64url(*id),
                       .user_handle = handle ? base64url(*handle) : std::string(),
                       .assertion = {.client_data = std::move(*client_data),
                                     .authenticator_data = std::move(*data),
                                     .signature = std::move(*signature)}};
}

Result<auth::Passkey> to_key(const StoredPasskey& stored) {
  TRY(auto credential, from_base64url(stored.credential));
  TRY(auto key, from_base64url(stored.public_key));
  return auth::Passkey{.credential = std::move(credential),
                       .algorithm = static_cast<int>(stored.algorithm),
                       .public_key = std::move(key),
                       .counter = static_cast<std::uint32_t>(stored.counter)};
}

// Checks the answer with the passkey, and marks its challenge as answered.
Status check_use(Context& context, const Actor& asking, const User& user,
                 const StoredPasskey& passkey, const ReadAssertion& read,
                 const std::string& purpose) {
  TRY(const auto data, auth::read_client_data(read.assertion.client_data));
  TRY(check_challenge(context, data.challenge, purpose));
  TRY(const auto key, to_key(passkey));
  TRY(const auto use,
      auth::check_assertion(relying_party(context.settings), data.challenge, key, read.assertion));
  if (!read.user_handle.empty() && read.user_handle != user_handle(user)) {
    return unknown_passkey();
  }
  const WallTime now = context.clock.now();
  TRY(context.store.write<bool>([&](store::Transaction& transaction) -> Result<bool> {
    TRY(use_challenge(transaction, data.challenge, now));
    store::note_passkey_use(transaction, passkey.id, use.counter, use.is_copied, now);
    return true;
  }));
  if (use.went_back) {
    context.auth.warn("the counter of a passkey went back: it may have been copied",
                      {{"email", user.email},
                       {"passkey", passkey.name},
                       {"before", passkey.counter},
                       {"now", use.counter},
                       {"from", asking.remote_address()}});
    note_action(context, asking, "PASSKEY_COUNTER_WENT_BACK", user.email);
  }
  return {};
}

// Whom a passkey belongs to.
struct Found {
  std::optional<StoredPasskey> passkey;
  std::optional<User> user;
};

Result<Found> find_by_credential(Context& context, const std::string& credential) {
  return context.store.read_together<Found>([&](store::Session& session) {
    Found found{.passkey = store::find_passkey_by_credential(session, credential)};
    if (found.passkey) {
      found.user = store::find_user(session, found.passkey->user_id);
    }
    return found;
  });
}

std::optional<StoredPasskey> own_passkey(store::Session& session, const Actor& actor,
                                         std::int64_t id) {
  auto passkey = store::find_passkey(session, id);
  return passkey && passkey->user_id == actor.user_id() ? std::move(passkey) : std::nullopt;
}

}  // namespace

Result<wire::PasskeyCreation> begin_passkey(Context& context, const Actor& actor,
                                            const std::optional<Secret>& current_password) {
  TRY(const auto user, own_user(context, actor));
  TRY(require_recent(context, actor, user, current_password));
  TRY(const auto passkeys, list_passkeys(context, actor));
  TRY(auto challenge, make_challenge(context, registration_purpose(user)));
  note_action(context, actor, "PASSKEY_BEGUN", user.email);
  return wire::PasskeyCreation{
      .challenge = std::move(challenge),
      .timeout = kChallengeLifetime,
      .relying_party = relying_party(context.settings).id,
      .user_handle = user_handle(user),
      .user_name = user.email,
      .algorithms = {std::begin(auth::kPasskeyAlgorithms), std::end(auth::kPasskeyAlgorithms)},
      .excluded = ids_of(passkeys)};
}

Result<Changed<PasskeyAdded>> create_passkey(Context& context, const Actor& actor,
                                             const std::string& name, const Json& credential,
                                             const WriteOptions& options) {
  TRY(const auto asking, own_user(context, actor));
  std::vector<Fault> faults;
  check_given_name(name, faults);
  const auto registration = read_registration(credential);
  collect(faults, registration);
  TRY(no_faults(std::move(faults)));
  TRY(const auto data, auth::read_client_data(registration->client_data));
  TRY(check_challenge(context, data.challenge, registration_purpose(asking)));
  TRY(const auto key,
      auth::check_registration(relying_party(context.settings), data.challenge, *registration));
  auto changed = make_change<PasskeyAdded>(
      context, actor, options, [&](Change& change) -> Result<PasskeyAdded> {
        store::Transaction& transaction = change.transaction();
        TRY(auto user, own_user(transaction, actor));
        if (store::list_passkeys(transaction, user.id).size() >= kMostPasskeys) {
          return fail(ErrorKind::conflict, "too_many_passkeys",
                      fmt::format("there are {} passkeys already", kMostPasskeys),
                      "delete one that is not used: podplay passkeys list");
        }
        PasskeyAdded added{.passkey = {.user_id = user.id,
                                       .name = name,
                                       .credential = base64url(key.credential),
                                       .algorithm = key.algorithm,
                                       .public_key = base64url(key.public_key),
                                       .counter = key.counter,
                                       .may_be_copied = key.may_be_copied,
                                       .is_copied = key.is_copied,
                                       .product = key.product,
                                       .created = change.now()}};
        if (store::find_passkey_by_credential(transaction, added.passkey.credential)) {
          return fail(ErrorKind::conflict, "passkey_exists", "this passkey is known already",
                      "use another device, or delete the passkey first");
        }
        TRY(use_challenge(transaction, data.challenge, change.now()));
        const FactorOverview before = overview_of(context.settings, transaction, user);
        // no going back after this
        added.passkey.id = transaction.next("id");
        store::insert_passkey(transaction, added.passkey);
        added.recovery_codes = follow_factors(change, actor, user);
        add_letter(
            context, transaction,
            {.kind = LetterKind::passkey_added, .user_id = user.id, .facts = {{"name", name}}},
            actor);
        change.finish("PASSKEY_ADDED", user.email,
                      fmt::format("add the passkey {} to {}", name, user.email),
                      factor_difference(before, overview_of(context.settings, transaction, user)));
        return added;
      });
  if (changed && !options.dry_run) {
    context.known_logins.forget_user(actor.user_id());
    context.jobs.wake();
  }
  return changed;
}

Result<std::vector<StoredPasskey>> list_passkeys(Context& context, const Actor& actor) {
  return context.store.read<std::vector<StoredPasskey>>(
      [&](store::Session& session) { return store::list_passkeys(session, actor.user_id()); });
}

Result<StoredPasskey> rename_passkey(Context& context, const Actor& actor, std::int64_t id,
                                     const std::string& name) {
  std::vector<Fault> faults;
  check_given_name(name, faults);
  TRY(no_faults(std::move(faults)));
  store::AuditRow row;
  TRY(auto renamed, context.store.write<StoredPasskey>(
                        [&](store::Transaction& transaction) -> Result<StoredPasskey> {
                          auto passkey = own_passkey(transaction, actor, id);
                          if (!passkey) {
                            return no_passkey(id);
                          }
                          const Json before = wire::to_json(*passkey);
                          passkey->name = name;
                          store::rename_passkey(transaction, id, name);
                          row = store::insert_audit(
                              transaction,
                              audit_event(context, actor, "PASSKEY_RENAMED", actor.email(),
                                          difference(before, wire::to_json(*passkey))));
                          return *passkey;
                        }));
  log_audit(context, row);
  return renamed;
}

Result<Changed<StoredPasskey>> delete_passkey(Context& context, const Actor& actor, std::int64_t id,
                                              const WriteOptions& options) {
  TRY(const auto asking, own_user(context, actor));
  TRY(require_recent(context, actor, asking, std::nullopt));
  auto changed = make_change<StoredPasskey>(
      context, actor, options, [&](Change& change) -> Result<StoredPasskey> {
        store::Transaction& transaction = change.transaction();
        TRY(auto user, own_user(transaction, actor));
        const auto passkey = own_passkey(transaction, actor, id);
        if (!passkey) {
          return no_passkey(id);
        }
        TRY(may_lose_factor(context.settings, transaction, user));
        const FactorOverview before = overview_of(context.settings, transaction, user);
        // no going back after this
        store::delete_passkey(transaction, id);
        follow_factors(change, actor, user);
        change.finish("PASSKEY_REMOVED", user.email,
                      fmt::format("delete the passkey {} of {}", passkey->name, user.email),
                      factor_difference(before, overview_of(context.settings, transaction, user)));
        return *passkey;
      });
  if (changed && !options.dry_run) {
    context.known_logins.forget_user(actor.user_id());
  }
  return changed;
}

Result<wire::PasskeyQuestion> offer_passkey_login(Context& context) {
  return make_question(context, kLoginPurpose, {});
}

Result<wire::PasskeyQuestion> offer_passkey_proof(Context& context, const Actor& actor) {
  TRY(const auto user, own_user(context, actor));
  return offer_passkey_factor(context, user, proof_purpose(user));
}

Result<User> find_passkey_user(Context& context, const Actor& asking, const Json& credential) {
  TRY(const auto read, read_assertion(credential));
  TRY(const auto found, find_by_credential(context, read.credential));
  if (!found.passkey || !found.user) {
    return unknown_passkey();
  }
  TRY(check_use(context, asking, *found.user, *found.passkey, read, kLoginPurpose));
  return *found.user;
}

Result<wire::PasskeyQuestion> offer_passkey_factor(Context& context, const User& user,
                                                   const std::string& purpose) {
  TRY(const auto passkeys,
      context.store.read<std::vector<StoredPasskey>>(
          [&](store::Session& session) { return store::list_passkeys(session, user.id); }));
  return make_question(context, purpose, ids_of(passkeys));
}

Status verify_passkey_factor(Context& context, const Actor& asking, const User& user,
                             const std::string& purpose, const Json& credential) {
  TRY(const auto read, read_assertion(credential));
  TRY(const auto found, find_by_credential(context, read.credential));
  if (!found.passkey || found.passkey->user_id != user.id) {
    return unknown_passkey();
  }
  return check_use(context, asking, user, *found.passkey, read, purpose);
}

std::string proof_purpose(const User& user) { return fmt::format("prove {}", user.id); }

}  // namespace podplay::control
