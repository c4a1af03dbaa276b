// Second factors, as logins see them. What each is and how it is verified is in this room too, but
// behind these functions.
#pragma once

#include <nlohmann/json.hpp>
#include <optional>
#include <string>
#include <vector>

#include "base/secret.hpp"
#include "control/context.hpp"
#include "model/login.hpp"
#include "model/user.hpp"
#include "wire/logins.hpp"

namespace podplay::control {

// What a user may prove themselves with after the password.
struct FactorOffer {
  // In the order in which a person is asked; empty: the password is enough.
  std::vector<Factor> factors;
  // When passkey is among them.
  std::optional<wire::PasskeyQuestion> passkey{};
};

// What a person gave.
struct FactorAnswer {
  Factor factor = Factor::totp;
  // Of totp and recovery_code.
  Secret code{};
  // Of passkey: the PublicKeyCredential that the browser made, as its toJSON() gives it.
  nlohmann::json passkey{};
  // Which ticket the offer was made for; empty: a login that goes on (prove_session).
  std::string ticket_hash{};
};

// Whether the user must give a second factor at a login. Only reads.
bool has_factors(store::Session& session, const User& user);
// The offer for a login with this ticket. May write, such as a challenge.
Result<FactorOffer> offer_factors(Context& context, const User& user,
                                  const std::string& ticket_hash);
// Succeeds once for each right answer. Fails with "factor_failed"; the caller counts it at the
// limiter and leaves the audit event.
Status verify_factor(Context& context, const Actor& asking, const User& user,
                     const FactorAnswer& answer);
// What a login of this strength may be used for: only the own account while the role of the user
// needs a second factor and the login has none. Called when a login is looked up, not with each
// request.
Scopes usable_scopes(const Settings& settings, const User& user, Strength strength);

}  // namespace podplay::control
