// The order is: what the token says about its signature, the signature, and only then its claims.
#include "control/identity/id_token.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <chrono>
#include <optional>

#include "base/encoding.hpp"

namespace podplay::control {
namespace {

using Json = nlohmann::json;
using namespace std::chrono;

// Far more than any provider sends.
constexpr std::size_t kLongestIdToken = 16384;
constexpr std::size_t kLongestSubject = 255;
constexpr std::size_t kMostKeys = 50;
// How much the provider's clock may be wrong.
constexpr seconds kSkew{60};
// The token was made for this login, so it is new.
constexpr seconds kOldest{600};

std::unexpected<Error> refuse_token(std::string_view why) {
  return fail(ErrorKind::unauthorized, "id_token_refused",
              fmt::format("what the provider says about you is not valid here: {}", why),
              "log in again; if it happens again, tell your administrator");
}

std::optional<TokenAlgorithm> algorithm_of(std::string_view name) {
  if (name == "ES256") {
    return TokenAlgorithm::es256;
  }
  if (name == "RS256") {
    return TokenAlgorithm::rs256;
  }
  return std::nullopt;
}

std::string octets_of(const Json& key, std::string_view name) {
  return from_base64url(claim_text(key, name)).value_or("");
}

std::optional<ProviderKey> read_provider_key(const Json& json) {
  ProviderKey key{.id = claim_text(json, "kid")};
  const std::string kind = claim_text(json, "kty");
  if (kind == "EC" && claim_text(json, "crv") == "P-256") {
    key.algorithm = TokenAlgorithm::es256;
    key.numbers = {.x = octets_of(json, "x"), .y = octets_of(json, "y")};
  } else if (kind == "RSA") {
    key.algorithm = TokenAlgorithm::rs256;
    key.numbers = {.modulus = octets_of(json, "n"), .exponent = octets_of(json, "e")};
  } else {
    return std::nullopt;
  }
  const std::string use = claim_text(json, "use");
  const std::string named = claim_text(json, "alg");
  const bool other = (!use.empty() && use != "sig") ||
                     (!named.empty() && algorithm_of(named) != std::optional(key.algorithm));
  const bool whole = key.numbers.rsa() ? !key.numbers.exponent.empty()
                                       : !key.numbers.x.empty() && !key.numbers.y.empty();
  return other || !whole ? std::nullopt : std::optional(std::move(key));
}

bool fits(const IdToken& token, const ProviderKey& key) {
  return key.algorithm == token.algorithm &&
         (token.key_id.empty() || key.id.empty() || key.id == token.key_id);
}

Result<Json> read_part(std::string_view text) {
  const auto octets = from_base64url(text);
  Json json = octets ? Json::parse(*octets, nullptr, false) : Json();
  if (!json.is_object()) {
    return refuse_token("it is not a signed token");
  }
  return json;
}

// NumericDate (RFC 7519 section 2): seconds, perhaps with a fraction.
std::optional<double> time_of(const Json& claims, const char* name) {
  const auto member = claims.find(name);
  return member != claims.end() && member->is_number() ? std::optional(member->get<double>())
                                                       : std::nullopt;
}

Status check_audience(const Json& claims, const std::string& client) {
  std::vector<std::string> audience;
  const auto named = claims.find("aud");
  if (named != claims.end() && named->is_string()) {
    audience.push_back(named->get<std::string>());
  } else if (named != claims.end() && named->is_array()) {
    for (const Json& one : *named) {
      audience.push_back(one.is_string() ? one.get<std::string>() : std::string());
    }
  }
  if (std::ranges::find(audience, client) == audience.end()) {
    return refuse_token("it is for another program (aud)");
  }
  // Who else may read it does not matter, as long as it was made for us.
  const bool needed = audience.size() > 1 || claims.contains("azp");
  if (needed && claim_text(claims, "azp") != client) {
    return refuse_token("it was made for another program (azp)");
  }
  return {};
}

Status check_times(const Json& claims, WallTime now) {
  const double at = duration<double>(now.time_since_epoch()).count();
  const double skew = duration<double>(kSkew).count();
  const auto expires = time_of(claims, "exp");
  const auto made = time_of(claims, "iat");
  if (!expires || *expires + skew <= at) {
    return refuse_token("it has expired (exp)");
  }
  if (!made || *made - skew > at || *made + duration<double>(kOldest).count() < at) {
    return refuse_token("it was not made just now (iat); compare the clocks of both servers");
  }
  if (claims.contains("nbf") && time_of(claims, "nbf").value_or(at + 2 * skew) - skew > at) {
    return refuse_token("it is not valid yet (nbf)");
  }
  return {};
}

}  // namespace

std::string claim_text(const Json& claims, std::string_view name) {
  const auto member = claims.is_object() ? claims.find(name) : claims.end();
  return member != claims.end() && member->is_string() ? member->get<std::string>() : std::string();
}

std::vector<ProviderKey> read_provider_keys(const Json& set) {
  std::vector<ProviderKey> keys;
  const auto list = set.is_object() ? set.find("keys") : set.end();
  if (list == set.end() || !list->is_array()) {
    return keys;
  }
  for (const Json& one : *list) {
    auto key = read_provider_key(one);
    if (key && keys.size() < kMostKeys) {
      keys.push_back(std::move(*key));
    }
  }
  return keys;
}

Result<IdToken> read_id_token(std::string_view text) {
  const std::size_t first = text.find('.');
  const std::size_t second = first == text.npos ? first : text.find('.', first + 1);
  if (text.size() > kLongestIdToken || second == text.npos ||
      text.find('.', second + 1) != text.npos) {
    return refuse_token("it is not a signed token");
  }
  TRY(const auto header, read_part(text.substr(0, first)));
  TRY(auto claims, read_part(text.substr(first + 1, second - first - 1)));
  const auto algorithm = algorithm_of(claim_text(header, "alg"));
  if (!algorithm) {
    return refuse_token("it is signed in a way that is not allowed (alg); ES256 and RS256 are");
  }
  // RFC 7515 section 4.1.11: we understand no extension.
  if (header.contains("crit")) {
    return refuse_token("its signature needs what this server does not know (crit)");
  }
  auto signature = from_base64url(text.substr(second + 1));
  if (!signature) {
    return refuse_token("it is not a signed token");
  }
  return IdToken{.algorithm = *algorithm,
                 .key_id = claim_text(header, "kid"),
                 .claims = std::move(claims),
                 .signed_text = std::string(text.substr(0, second)),
                 .signature = std::move(*signature)};
}

bool has_key_for(const IdToken& token, const std::vector<ProviderKey>& keys) {
  return std::ranges::any_of(keys, [&](const ProviderKey& key) { return fits(token, key); });
}

Status check_id_token(const IdToken& token, const std::vector<ProviderKey>& keys,
                      const IdTokenRules& rules) {
  const bool genuine = std::ranges::any_of(keys, [&](const ProviderKey& key) {
    return fits(token, key) && net::verify(key.numbers, token.signed_text, token.signature);
  });
  if (!genuine) {
    return refuse_token("its signature is not the provider's");
  }
  const Json& claims = token.claims;
  if (claim_text(claims, "iss") != rules.issuer) {
    return refuse_token("another provider made it (iss)");
  }
  TRY(check_audience(claims, rules.client_id));
  TRY(check_times(claims, rules.now));
  if (!equal_constant_time(claim_text(claims, "nonce"), rules.nonce)) {
    return refuse_token("it belongs to another login (nonce)");
  }
  const std::string subject = claim_text(claims, "sub");
  if (subject.empty() || subject.size() > kLongestSubject) {
    return refuse_token("it does not say who you are (sub)");
  }
  return {};
}

}  // namespace podplay::control
