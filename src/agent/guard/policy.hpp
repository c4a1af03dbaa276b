// Answers Dovecot, which asks over HTTP before it looks at a password and tells how each try ended
// (auth_policy_server_url). Postfix's logins are Dovecot's, too. All containers of the pod share
// the loopback address, so requests need a key that only Dovecot's configuration has.
#pragma once

#include <string>

#include "agent/guard/app_password_uses.hpp"
#include "base/clock.hpp"
#include "base/log.hpp"
#include "base/secret.hpp"
#include "guard/login_limiter.hpp"
#include "net/http.hpp"

namespace podplay::agent {

// For any thread.
class LoginPolicy {
 public:
  LoginPolicy(guard::LoginLimiter& logins, AppPasswordUses& uses, Clock& clock, Logger log);

  net::HttpResponse answer(const net::HttpRequest& request);
  // What Dovecot includes: where to ask, the key, the nonce of marks.
  std::string dovecot_settings(int port, const Secret& nonce) const;

 private:
  // Constant after construction.
  guard::LoginLimiter& logins_;
  AppPasswordUses& uses_;
  Clock& clock_;
  const Logger log_;
  const Secret key_;
};

}  // namespace podplay::agent
