// A browser's logins: who a cookie stands for, and the list that a person sees and ends.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "control/identity/login.hpp"
#include "model/login.hpp"

namespace podplay::control {

// The user of a session that has not ended, has not expired, was not idle for too long, and who may
// use the API. Fails with "session_invalid" otherwise.
Result<Actor> authenticate_session(Context& context, const std::string& cookie,
                                   const std::string& address);

// What a cookie-authenticated write must send back in X-CSRF-Token. Follows from the cookie alone,
// so it is bound to it and needs no store.
std::string csrf_token(const std::string& cookie);

struct SessionDetails {
  BrowserSession session;
  // It is the one that the request came with.
  bool current = false;
  // When it ends unless it is used.
  WallTime idle_until{};
};
// The actor's own, newest first.
Result<std::vector<SessionDetails>> list_sessions(Context& context, const Actor& actor);
// Fails with "session_unknown" also for somebody else's.
Result<SessionDetails> revoke_session(Context& context, const Actor& actor, std::int64_t id);
// All but the one that the request came with. Returns how many.
Result<std::int64_t> revoke_other_sessions(Context& context, const Actor& actor);

// Ends every login of the user, inside of a change, but `keep`: the one that made the change. After
// the commit, context.known_logins.forget_user() follows.
void end_logins_of(store::Transaction& transaction, std::int64_t user_id,
                   const LoginFacts& keep = {});

// The person proves themselves again, with the password or a factor. The login is recent then, and
// at least as strong as the proof. A session gets a new cookie; the token of a login stays as it
// is, and Login::token is empty. Fails with "no_session" for a token that was made for a program.
struct Proof {
  std::optional<Secret> password;
  std::optional<FactorAnswer> factor;
};
Result<Login> prove_session(Context& context, const Actor& actor, const Proof& proof);

}  // namespace podplay::control
