// A code is bound to its client, to the address that it was sent to, and to a secret that only the
// program has that began (PKCE). What fails says why only as far as the standard goes.
#include "control/identity/openid.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <array>
#include <set>

#include "base/encoding.hpp"
#include "control/audit.hpp"
#include "control/identity/second_factor.hpp"
#include "control/identity/token_key.hpp"
#include "control/identity/tokens.hpp"
#include "net/http.hpp"
#include "store/openid.hpp"
#include "store/users.hpp"
#include "wire/openid.hpp"

namespace podplay::control {
namespace {

constexpr std::array<std::string_view, 4> kScopes{"openid", "email", "profile", "mail"};
constexpr std::size_t kLongestId = 64;
constexpr std::size_t kMostUris = 20;
constexpr std::size_t kLongestUri = 500;
constexpr std::size_t kLongestValue = 500;
// RFC 7636 section 4.1.
constexpr std::size_t kShortestVerifier = 43;
constexpr std::size_t kLongestVerifier = 128;
// Of SHA-256 in base64url.
constexpr std::size_t kChallengeSize = 43;

bool is_word(std::string_view text, std::string_view more) {
  return !text.empty() && std::ranges::all_of(text, [&](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
           more.find(c) != more.npos;
  });
}

// Visible ASCII without a fragment; TLS, except on the person's own machine (RFC 8252 section 7.3).
bool is_redirect_uri(std::string_view uri) {
  if (uri.size() > kLongestUri ||
      std::ranges::any_of(uri, [](char c) { return c <= ' ' || c >= 0x7f; }) ||
      uri.find_first_of("#\\\"<>") != uri.npos) {
    return false;
  }
  for (const std::string_view begin : {"https://", "http://127.0.0.1:", "http://[::1]:"}) {
    if (uri.starts_with(begin)) {
      return uri.size() > begin.size() && uri[begin.size()] != '/';
    }
  }
  return false;
}

Status check_client(const OpenidClientInput& input) {
  std::vector<Fault> faults;
  check_given_name(input.name, faults);
  const bool small = std::ranges::none_of(input.id, [](char c) { return c >= 'A' && c <= 'Z'; });
  if (!is_word(input.id, "-_") || !small || input.id.size() > kLongestId) {
    faults.push_back({.field = "id",
                      .code = "bad_client_id",
                      .message = fmt::format("'{}' is no name of a client", input.id.substr(0, 40)),
                      .remedy = "use 1 to 64 of a-z 0-9 - _"});
  }
  if (input.redirect_uris.empty() || input.redirect_uris.size() > kMostUris) {
    faults.push_back({.field = "redirect_uris",
                      .code = "bad_count",
                      .message = fmt::format("{} addresses", input.redirect_uris.size()),
                      .remedy = fmt::format("name 1 to {}", kMostUris)});
  }
  for (const std::string& uri : input.redirect_uris) {
    if (!is_redirect_uri(uri)) {
      faults.push_back({.field = "redirect_uris",
                        .code = "bad_redirect_uri",
                        .message = fmt::format("'{}' is no address for answers", uri.substr(0, 80)),
                        .remedy = "use https://, or http://127.0.0.1:PORT on one's own machine, "
                                  "without #"});
    }
  }
  return no_faults(std::move(faults));
}

std::unexpected<Error> no_client(const std::string& id) {
  return fail(ErrorKind::not_found, "client_unknown",
              fmt::format("there is no client {}", id.substr(0, kLongestId)),
              "podplay openid list shows them");
}

// RFC 6749 sections 4.1.2.1 and 5.2.
std::unexpected<Error> refuse_client(std::string code, std::string message) {
  return fail(ErrorKind::invalid, std::move(code), std::move(message),
              "see GET /api/openid/.well-known/openid-configuration");
}
std::unexpected<Error> bad_grant() {
  return refuse_client(
      "invalid_grant",
      "the code is unknown, was used, has expired, or belongs to another client or "
      "address; or the verifier is not the one that it was begun with");
}

Result<std::set<std::string>> read_scope(const std::string& text) {
  std::set<std::string> words;
  std::string_view rest = text;
  while (!rest.empty()) {
    const std::size_t blank = std::min(rest.find(' '), rest.size());
    const std::string_view word = rest.substr(0, blank);
    rest.remove_prefix(std::min(blank + 1, rest.size()));
    // What is not known is left out (OpenID Connect Core section 3.1.2.1).
    if (std::ranges::find(kScopes, word) != kScopes.end()) {
      words.emplace(word);
    }
  }
  if (!words.contains("openid")) {
    return refuse_client("invalid_scope", "the scope has no openid");
  }
  return words;
}

Status check_request(const OpenidClient& client, const OpenidRequest& request) {
  if (std::ranges::find(client.redirect_uris, request.redirect_uri) == client.redirect_uris.end()) {
    return refuse_client(
        "invalid_request",
        fmt::format("the client {} may not send people to this redirect_uri", client.id));
  }
  if (request.response_type != "code") {
    return refuse_client("invalid_request", "the response_type must be code");
  }
  if (request.code_challenge_method != "S256" || request.code_challenge.size() != kChallengeSize ||
      !is_word(request.code_challenge, "-_")) {
    return refuse_client(
        "invalid_request",
        "there must be a code_challenge with the code_challenge_method S256 (RFC 7636)");
  }
  if (request.state.size() > kLongestValue || request.nonce.size() > kLongestValue) {
    return refuse_client("invalid_request", "state or nonce is longer than 500 octets");
  }
  return {};
}

std::string answer_uri(const OpenidRequest& request, const std::string& code,
                       const std::string& issuer) {
  std::string uri = request.redirect_uri;
  uri += uri.find('?') == uri.npos ? '?' : '&';
  // RFC 9207: who answers.
  uri += fmt::format("code={}&iss={}", code, net::url_encode(issuer));
  if (!request.state.empty()) {
    uri += "&state=" + net::url_encode(request.state);
  }
  return uri;
}

// A login that may do less than its person must not give more away.
Status may_authorize(const Actor& actor, const User& user) {
  if (actor.login().scopes != Scopes::all()) {
    return fail(ErrorKind::forbidden, "scope_missing",
                "this login is not for everything that its user may do", "log in with a browser");
  }
  if (user.second_factor && actor.login().strength != Strength::multi_factor) {
    return fail(ErrorKind::forbidden, "factor_needed",
                "this account has a second factor, and the login was not proven by it",
                "prove the session with it: POST /api/session/prove");
  }
  return {};
}

bool is_right_secret(const OpenidClient& client, const Secret& secret) {
  return client.secret_hash.empty()
             ? secret.empty()
             : equal_constant_time(client.secret_hash, sha256_hex(secret.reveal()));
}

bool is_right_verifier(const OpenidCode& code, const std::string& verifier) {
  return verifier.size() >= kShortestVerifier && verifier.size() <= kLongestVerifier &&
         equal_constant_time(base64url(sha256(verifier)), code.challenge);
}

std::int64_t seconds_of(WallTime time) {
  return std::chrono::duration_cast<std::chrono::seconds>(time.time_since_epoch()).count();
}

// The person and the code, once both are found to be right.
struct Grantee {
  User user;
  OpenidCode code;
};

Result<OpenidTokens> sign_tokens(Context& context, const Grantee& grantee) {
  const auto& [user, code] = grantee;
  const WallTime now = context.clock.now();
  TRY(const auto scope, read_scope(code.scope));
  const std::string issuer = token_issuer(context.settings);
  const nlohmann::json both{{"iss", issuer},
                            // A later user of the same address is another subject.
                            {"sub", std::to_string(user.owner)},
                            {"iat", seconds_of(now)},
                            {"exp", seconds_of(now + kTokenLifetime)}};
  nlohmann::json access = both;
  access["aud"] = scope.contains("mail") ? "mail" : issuer;
  access["client_id"] = code.client;
  access["scope"] = code.scope;
  access["email"] = user.email;
  access["jti"] = random_token(12);
  nlohmann::json identity = both;
  identity["aud"] = code.client;
  identity["auth_time"] = seconds_of(code.proven);
  if (!code.nonce.empty()) {
    identity["nonce"] = code.nonce;
  }
  if (scope.contains("email")) {
    identity["email"] = user.email;
    identity["email_verified"] = true;
  }
  if (scope.contains("profile")) {
    identity["preferred_username"] = user.username;
    identity["name"] = user.username;
  }
  OpenidTokens tokens{.scope = code.scope};
  // RFC 9068 section 2.1.
  TRY(tokens.access_token, sign_token(context, "at+jwt", access));
  TRY(tokens.id_token, sign_token(context, "JWT", identity));
  return tokens;
}

}  // namespace

Result<Changed<OpenidClientAdded>> create_openid_client(Context& context, const Actor& actor,
                                                        const OpenidClientInput& input,
                                                        const WriteOptions& options) {
  TRY(check_client(input));
  OpenidClientAdded added{
      .client = {.id = input.id, .name = input.name, .redirect_uris = input.redirect_uris}};
  if (input.confidential) {
    added.secret = Secret(random_token());
    added.client.secret_hash = sha256_hex(added.secret.reveal());
  }
  return make_change<OpenidClientAdded>(
      context, actor, options, [&](Change& change) -> Result<OpenidClientAdded> {
        if (store::find_openid_client(change.transaction(), input.id)) {
          return fail(ErrorKind::conflict, "client_exists",
                      fmt::format("the client {} exists already", input.id),
                      "delete it first, or use another id");
        }
        // no going back after this
        added.client.created = change.now();
        added.client.revision = change.revision();
        store::insert_openid_client(change.transaction(), added.client);
        change.finish("OPENID_CLIENT_CREATED", input.id, "create the client " + input.id,
                      difference(nullptr, wire::to_json(added.client)));
        return added;
      });
}

Result<std::vector<OpenidClient>> list_openid_clients(Context& context) {
  return context.store.read<std::vector<OpenidClient>>(
      [](store::Session& session) { return store::list_openid_clients(session); });
}

Result<Changed<OpenidClient>> delete_openid_client(Context& context, const Actor& actor,
                                                   const std::string& id,
                                                   const WriteOptions& options) {
  return make_change<OpenidClient>(
      context, actor, options, [&](Change& change) -> Result<OpenidClient> {
        const auto client = store::find_openid_client(change.transaction(), id);
        if (!client) {
          return no_client(id);
        }
        TRY(check_match(options, client->revision));
        // no going back after this
        store::delete_openid_client(change.transaction(), id);
        change.finish("OPENID_CLIENT_DELETED", id, "delete the client " + id,
                      difference(wire::to_json(*client), nullptr));
        return *client;
      });
}

Result<std::string> authorize_openid(Context& context, const Actor& actor,
                                     const OpenidRequest& request) {
  TRY(const auto scope, read_scope(request.scope));
  const std::string text = random_token();
  OpenidCode code{.hash = sha256_hex(text),
                  .client = request.client_id,
                  .redirect_uri = request.redirect_uri,
                  .challenge = request.code_challenge,
                  .nonce = request.nonce,
                  .scope = fmt::format("{}", fmt::join(scope, " ")),
                  .proven = actor.login().proven,
                  .created = context.clock.now(),
                  .expires = context.clock.now() + kCodeLifetime};
  TRY(context.store.write<bool>([&](store::Transaction& transaction) -> Result<bool> {
    TRY(const auto user, own_user(transaction, actor));
    TRY(may_authorize(actor, user));
    const auto client = store::find_openid_client(transaction, request.client_id);
    if (!client) {
      return refuse_client("invalid_client", "this client is not known here");
    }
    TRY(check_request(*client, request));
    code.user_id = user.id;
    store::insert_openid_code(transaction, code);
    return true;
  }));
  note_action(context, actor, "OPENID_AUTHORIZED",
              fmt::format("{} at {}", actor.email(), request.client_id));
  return answer_uri(request, text, token_issuer(context.settings));
}

Result<OpenidTokens> redeem_openid(Context& context, const Actor& asking,
                                   const OpenidRedemption& redemption) {
  if (redemption.grant_type != "authorization_code") {
    return refuse_client("unsupported_grant_type", "the grant_type must be authorization_code");
  }
  // A code is taken whatever comes of it: whoever has it without the rest is no friend.
  struct Taken {
    std::optional<OpenidCode> code;
    std::optional<OpenidClient> client;
    std::optional<User> user;
    bool allowed = false;
  };
  TRY(const auto taken,
      context.store.write<Taken>([&](store::Transaction& transaction) -> Result<Taken> {
        Taken found{.code = store::take_openid_code(transaction, sha256_hex(redemption.code)),
                    .client = store::find_openid_client(transaction, redemption.client_id)};
        if (found.code) {
          found.user = store::find_user(transaction, found.code->user_id);
          found.allowed = found.user && may_use_api(transaction, *found.user);
        }
        return found;
      }));
  if (!taken.client || !is_right_secret(*taken.client, redemption.client_secret)) {
    return fail(ErrorKind::unauthorized, "invalid_client",
                "the client is not known here, or its secret is wrong",
                "give client_id and client_secret in the body");
  }
  if (!taken.code || !taken.allowed || taken.code->expires <= context.clock.now() ||
      taken.code->client != redemption.client_id ||
      taken.code->redirect_uri != redemption.redirect_uri ||
      !is_right_verifier(*taken.code, redemption.code_verifier)) {
    context.auth.warn("a client's code was refused",
                      {{"client", redemption.client_id}, {"from", asking.remote_address()}});
    return bad_grant();
  }
  TRY(auto tokens, sign_tokens(context, {.user = *taken.user, .code = *taken.code}));
  note_action(context,
              Actor::of(*taken.user).in_request(asking.request_id(), asking.remote_address()),
              "OPENID_TOKENS_GIVEN", fmt::format("{} at {}", taken.user->email, taken.client->id));
  return tokens;
}

nlohmann::json openid_configuration(const Settings& settings) {
  const std::string issuer = token_issuer(settings);
  const std::string page = issuer.substr(0, issuer.find("/api/")) + "/authorize";
  return {{"issuer", issuer},
          {"authorization_endpoint", page},
          {"token_endpoint", issuer + "/token"},
          {"jwks_uri", issuer + "/keys"},
          {"scopes_supported", kScopes},
          {"response_types_supported", {"code"}},
          {"response_modes_supported", {"query"}},
          {"grant_types_supported", {"authorization_code"}},
          {"subject_types_supported", {"public"}},
          {"id_token_signing_alg_values_supported", {"ES256"}},
          {"token_endpoint_auth_methods_supported", {"none", "client_secret_post"}},
          {"code_challenge_methods_supported", {"S256"}},
          {"authorization_response_iss_parameter_supported", true},
          {"claims_supported",
           {"iss", "sub", "aud", "exp", "iat", "auth_time", "nonce", "email", "email_verified",
            "name", "preferred_username"}}};
}

}  // namespace podplay::control
