// Requests for certificates: PKCS #10 (RFC 2986).
#pragma once

#include <string>
#include <vector>

#include "base/result.hpp"
#include "base/secret.hpp"

namespace podplay::net {

// In PEM, for an authority that decides itself which names the certificate gets.
Result<std::string> make_signing_request(const Secret& key, const std::string& common_name);
// In DER. `names` are DNS names and IP addresses. All stand among the alternative names, and the
// subject is empty: a common name holds 64 octets at most, and no address.
Result<std::string> make_server_request(const Secret& key, const std::vector<std::string>& names);

}  // namespace podplay::net
