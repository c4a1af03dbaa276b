// The authenticator app of a user: shown, confirmed by a code, removed.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "auth/qr_code.hpp"
#include "control/identity/second_factor.hpp"

namespace podplay::control {

// What the app is given. Shown once.
struct TotpEnrolment {
  // Base32, for typing.
  std::string secret;
  // otpauth://
  Secret uri;
  auth::QrCode qr_code;
};
// A factor that was added, and what the first one brings along.
struct FactorAdded {
  FactorOverview factors;
  // Shown once; empty: the user has some already.
  std::vector<Secret> recovery_codes;
};

// A secret that counts only when confirm_totp() follows within a quarter of an hour. Beginning
// again replaces it. Needs a recent login (control/identity/recent), as everything here does.
Result<TotpEnrolment> begin_totp(Context& context, const Actor& actor,
                                 const std::optional<Secret>& current_password);
// Fails with "code_wrong" when the app shows another code.
Result<Changed<FactorAdded>> confirm_totp(Context& context, const Actor& actor,
                                          const std::string& code, const WriteOptions& options);
// Fails with "factor_demanded" when it is the last factor of somebody who must have one.
Result<Changed<FactorOverview>> remove_totp(Context& context, const Actor& actor,
                                            const WriteOptions& options);

}  // namespace podplay::control
