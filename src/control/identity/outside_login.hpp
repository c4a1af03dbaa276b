// Logins by the word of an outside provider (OpenID Connect Core 1.0, authorization code flow with
// PKCE): it says that a person has an address, and the address says which user that is.
//
//   offer_outside_login() -> begin_outside_login() -> the provider's pages ->
//   finish_outside_login()
//
// Nothing is stored for a login that was begun: its `state` says itself until when it may come back
// and to which browser it belongs, only this program can make one, and what else must be secret
// follows from it. So two control planes with one store and one sealing.key know each other's.
#pragma once

#include <string>

#include "control/identity/login.hpp"
#include "model/openid.hpp"

namespace podplay::control {

// How long a person may stay on the provider's pages.
inline constexpr std::chrono::minutes kOutsideLoginLifetime{15};
// The page of ours that the provider sends the browser back to.
inline constexpr std::string_view kOutsideLoginPage = "/login/outside";

struct OutsideLoginOffer {
  bool available = false;
  // Of the button.
  std::string name;
};
OutsideLoginOffer offer_outside_login(const Settings& settings);

// Where the browser goes now. `browser` is what only this browser has, its login cookie. Fails with
// "outside_login_off" or "outside_unavailable".
Result<std::string> begin_outside_login(Context& context, const std::string& browser);

// What the provider gave the browser to bring here.
struct OutsideAnswer {
  std::string state;
  std::string code;
  // RFC 9207; may be empty.
  std::string issuer;
};
// A login, or a ticket for a user with a second factor: the provider's word is worth a password and
// no more, whatever it says about how it proved the person (acr, amr). Fails with
// "outside_login_off", "outside_state_invalid", "too_many_requests", "id_token_refused",
// "outside_refused", "outside_unavailable", or with why the person may not log in:
// "outside_address_unverified", "outside_address_refused", "outside_no_account",
// "outside_other_person", "outside_factor_needed".
Result<LoginStep> finish_outside_login(Context& context, const std::string& browser,
                                       const OutsideAnswer& answer, const LoginWish& wish,
                                       const Actor& asking);

// Whether the user logs in by the provider, and as whom. The users themselves, and who administers
// them. `key` is an id or an address.
struct OutsideConnection {
  std::string email;
  // user_id 0: there is none.
  OutsideIdentity identity;
};
Result<OutsideConnection> get_outside_connection(Context& context, const Actor& actor,
                                                 const std::string& key);
// Forgets who the user is at the provider: the next login by a verified address connects again.
// Only for who administers the user. Fails with "outside_not_connected".
Result<OutsideConnection> disconnect_outside_login(Context& context, const Actor& actor,
                                                   const std::string& key);

}  // namespace podplay::control
