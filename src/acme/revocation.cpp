// The request holds the certificate itself, so that nothing else is needed to revoke it.
#include "acme/revocation.hpp"

#include "base/encoding.hpp"
#include "base/json_text.hpp"
#include "net/chain.hpp"

namespace podplay::acme {
namespace {

constexpr std::pair<std::string_view, RevocationReason> kReasonWords[] = {
    {"unspecified", RevocationReason::unspecified},
    {"key_compromise", RevocationReason::key_compromise},
    {"affiliation_changed", RevocationReason::affiliation_changed},
    {"superseded", RevocationReason::superseded},
    {"cessation_of_operation", RevocationReason::cessation_of_operation},
};

Status revoke_as(Client& client, const Signer& signer, const std::string& certificate,
                 RevocationReason reason) {
  TRY(const auto der, net::certificate_der(certificate));
  const Json payload{{"certificate", base64url(der)}, {"reason", static_cast<int>(reason)}};
  const auto answer = client.post_as(signer, client.directory().revoke, json_text(payload),
                                     "revoke the certificate");
  if (!answer && answer.error().code != "acme_already_revoked") {
    return std::unexpected(answer.error());
  }
  return {};
}

}  // namespace

std::string_view to_text(RevocationReason reason) {
  for (const auto& [word, value] : kReasonWords) {
    if (value == reason) {
      return word;
    }
  }
  return "";
}

std::optional<RevocationReason> parse_revocation_reason(std::string_view text) {
  for (const auto& [word, value] : kReasonWords) {
    if (word == text) {
      return value;
    }
  }
  return std::nullopt;
}

Status revoke_certificate(Client& client, const std::string& certificate, RevocationReason reason) {
  return revoke_as(client, client.account(), certificate, reason);
}

Status revoke_with_key(Client& client, const std::string& certificate, const Secret& key,
                       RevocationReason reason) {
  return revoke_as(client, {.key = key}, certificate, reason);
}

}  // namespace podplay::acme
