// A token becomes part of a path and of a record, so it is checked before anything uses it.
#include "acme/challenge.hpp"

#include <fmt/format.h>

#include "acme/reading.hpp"
#include "base/encoding.hpp"
#include "net/chain.hpp"

namespace podplay::acme {
namespace {

constexpr std::pair<std::string_view, ChallengeType> kTypeWords[] = {
    {"http-01", ChallengeType::http_01},
    {"dns-01", ChallengeType::dns_01},
    {"tls-alpn-01", ChallengeType::tls_alpn_01},
};
constexpr std::pair<std::string_view, ChallengeStatus> kChallengeStatusWords[] = {
    {"pending", ChallengeStatus::pending},
    {"processing", ChallengeStatus::processing},
    {"valid", ChallengeStatus::valid},
    {"invalid", ChallengeStatus::invalid},
};
constexpr std::string_view kTokenAlphabet =
    "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
constexpr std::size_t kLongestToken = 200;

}  // namespace

std::string_view to_text(ChallengeType type) {
  for (const auto& [word, value] : kTypeWords) {
    if (value == type) {
      return word;
    }
  }
  return "";
}

std::optional<ChallengeType> parse_challenge_type(std::string_view text) {
  for (const auto& [word, value] : kTypeWords) {
    if (word == text) {
      return value;
    }
  }
  return std::nullopt;
}

bool is_possible(ChallengeType type, const Identifier& identifier) {
  // RFC 8555 section 7.1.3 and RFC 8738 section 7.
  return type == ChallengeType::dns_01 ? !identifier.ip() : !identifier.wildcard();
}

std::optional<Challenge> challenge_from(const Json& json) {
  const auto type = parse_challenge_type(text_at(json, "type"));
  const std::string token = text_at(json, "token");
  if (!type || token.empty() || token.size() > kLongestToken ||
      token.find_first_not_of(kTokenAlphabet) != token.npos) {
    return std::nullopt;
  }
  return Challenge{
      .url = text_at(json, "url"),
      .type = *type,
      .status = word_at(json, "status", kChallengeStatusWords, ChallengeStatus::unknown),
      .token = token,
      .error = problem_from(part_at(json, "error"))};
}

Result<Placement> placement_for(const Challenge& challenge, const Identifier& identifier,
                                const Secret& account_key) {
  TRY(const auto print, thumbprint(account_key));
  return Placement{.type = challenge.type,
                   .identifier = identifier.text(),
                   .token = challenge.token,
                   .key_authorization = challenge.token + "." + print,
                   .challenge_url = challenge.url};
}

std::string http_path(const Placement& placement) {
  return "/.well-known/acme-challenge/" + placement.token;
}

std::string txt_name(const Placement& placement) {
  const std::string_view name = placement.identifier;
  return fmt::format("_acme-challenge.{}", name.starts_with("*.") ? name.substr(2) : name);
}

std::string txt_value(const Placement& placement) {
  return base64url(sha256(placement.key_authorization));
}

Result<std::string> alpn_certificate(const Placement& placement, const Secret& key, WallTime now) {
  return net::make_challenge_certificate(key, placement.identifier,
                                         sha256(placement.key_authorization), now);
}

Status answer_challenge(Client& client, const std::string& url) {
  TRY(client.post(url, Json::object(), "answer the challenge"));
  return {};
}

}  // namespace podplay::acme
