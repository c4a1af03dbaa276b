// How a revocation was asked for, as words.
#pragma once

#include <string>

#include "control/certificates/orders.hpp"

namespace podplay::control {

// `reason`: of RFC 5280 section 5.3.1, as `key_compromise`; empty: unspecified. `signed_by`:
// "account" or "key"; empty: the account.
Result<Revocation> parse_revocation(const std::string& reason, const std::string& signed_by);

}  // namespace podplay::control
