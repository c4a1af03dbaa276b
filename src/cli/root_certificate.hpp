// A pod's root certificate, as its control host gives it to anybody (GET /ca.pem).
#pragma once

#include <string>

#include "base/result.hpp"
#include "net/x509.hpp"

namespace podplay::cli {

// In PEM. `ca` may be empty: the system's. `insecure`: whoever answered, so that its fingerprint
// must be compared.
Result<std::string> fetch_root(const std::string& base_url, const std::string& ca, bool insecure);
// Fails with "other_fingerprint". `wanted` may have colons and capital letters, as systems show it.
Status check_fingerprint(const std::string& base_url, const std::string& wanted,
                         const std::string& fingerprint);

}  // namespace podplay::cli
