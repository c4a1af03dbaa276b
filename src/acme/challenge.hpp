// Challenges: how it is shown that a name is ours (RFC 8555 section 8, RFC 8737, RFC 8738).
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "acme/client.hpp"
#include "acme/identifier.hpp"
#include "acme/problem.hpp"

namespace podplay::acme {

// http_01: a file on port 80. dns_01: a TXT record. tls_alpn_01: a certificate on port 443.
enum class ChallengeType { http_01, dns_01, tls_alpn_01 };
// "http-01", as the RFCs write it.
std::string_view to_text(ChallengeType type);
std::optional<ChallengeType> parse_challenge_type(std::string_view text);

// False for wildcards with anything but dns-01, and for addresses with dns-01.
bool is_possible(ChallengeType type, const Identifier& identifier);

enum class ChallengeStatus { pending, processing, valid, invalid, unknown };

struct Challenge {
  std::string url;
  ChallengeType type = ChallengeType::http_01;
  ChallengeStatus status = ChallengeStatus::unknown;
  // At most 200 characters of base64url, so that it can be the name of a file.
  std::string token;
  // Why it is invalid; without a type otherwise.
  Problem error;
};
// Nothing for a type that is not known here, and for a token that is no base64url.
std::optional<Challenge> challenge_from(const Json& json);

// What a server must show for one challenge.
struct Placement {
  ChallengeType type = ChallengeType::http_01;
  // Of the order, such as "*.a.test".
  std::string identifier;
  std::string token;
  // RFC 8555 section 8.1.
  std::string key_authorization;
  // Where the challenge is answered.
  std::string challenge_url;
  bool operator==(const Placement&) const = default;
};
Result<Placement> placement_for(const Challenge& challenge, const Identifier& identifier,
                                const Secret& account_key);

// http-01: the path on port 80 that answers with the key authorization.
std::string http_path(const Placement& placement);
// dns-01: the name and the value of the TXT record.
std::string txt_name(const Placement& placement);
std::string txt_value(const Placement& placement);
// tls-alpn-01: the certificate, in PEM, to show for Identifier::server_name() when the client
// offers the protocol "acme-tls/1".
Result<std::string> alpn_certificate(const Placement& placement, const Secret& key, WallTime now);

// Tells the authority that the challenge can be tested.
Status answer_challenge(Client& client, const std::string& url);

}  // namespace podplay::acme
