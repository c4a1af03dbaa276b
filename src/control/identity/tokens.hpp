// A program's logins: from a token to the user who asks, and the tokens that a person makes for
// programs.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "base/secret.hpp"
#include "control/context.hpp"
#include "model/login.hpp"

namespace podplay::control {

// Tools that look for leaked secrets find a token by this.
inline constexpr std::string_view kTokenPrefix = "pp_";
// "pp_" and 256 random bits.
std::string make_token();

// Whether the user may use the API: the account is enabled, and so is its domain. An administrator
// may also when the domain is disabled; somebody must be able to enable it again.
bool may_use_api(store::Session& session, const User& user);

// The user of a token that was not revoked, has not expired, is used from where it may be, and who
// may use the API. Fails with "token_invalid" or "token_address" otherwise.
Result<Actor> authenticate(Context& context, const std::string& token, const std::string& address);

struct TokenInput {
  std::string name;
  // Absent: all that the maker's login has.
  std::optional<std::vector<std::string>> scopes;
  // "192.0.2.7" or "2001:db8::/32"; absent: what the maker's token has, or anywhere.
  std::optional<std::vector<std::string>> networks;
  // Seconds from now; absent: 90 days. At most a year.
  std::optional<std::int64_t> lifetime;
  // Needed when the login is not recent (control/identity/recent.hpp).
  std::optional<Secret> current_password;
};
struct NewToken {
  Token token;
  // Shown once.
  std::string text;
};
// For the actor. A token that is made with a token is never stronger than that one: it has no other
// scopes, no other networks, does not last longer, and ends with it.
Result<NewToken> create_token(Context& context, const Actor& actor, const TokenInput& input);
// The actor's own, newest first.
Result<std::vector<Token>> list_tokens(Context& context, const Actor& actor);
// Both fail with "token_unknown" also for somebody else's.
Result<Token> get_token(Context& context, const Actor& actor, std::int64_t id);
Result<Token> revoke_token(Context& context, const Actor& actor, std::int64_t id);

}  // namespace podplay::control
