// Logins in requests and answers.
#pragma once

#include "wire/shape.hpp"

namespace podplay::wire {

extern const Shape kLogin;
// A second factor: for a login, and for a session that is proven again.
extern const Shape kLoginFactor;
extern const Shape kSessionProof;
extern const Shape kBootstrap;

extern const Shape kCsrf;
extern const Shape kLoginDone;
extern const Shape kLoginFacts;
extern const Shape kLogoutDone;

}  // namespace podplay::wire
