// Revoking a certificate (RFC 8555 section 7.6), by the account that got it or by its own key.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "acme/client.hpp"

namespace podplay::acme {

// RFC 5280 section 5.3.1; those that authorities take from the holder.
enum class RevocationReason {
  unspecified = 0,
  key_compromise = 1,
  affiliation_changed = 3,
  superseded = 4,
  cessation_of_operation = 5,
};
std::string_view to_text(RevocationReason reason);
std::optional<RevocationReason> parse_revocation_reason(std::string_view text);

// `certificate` in PEM. One that is revoked already counts as revoked.
Status revoke_certificate(Client& client, const std::string& certificate, RevocationReason reason);
// Works without the account: whoever has the certificate's key may revoke it.
Status revoke_with_key(Client& client, const std::string& certificate, const Secret& key,
                       RevocationReason reason);

}  // namespace podplay::acme
