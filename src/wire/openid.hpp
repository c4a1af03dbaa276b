// The OpenID provider in requests and answers. The names of members are those of the standards
// (RFC 6749, RFC 7636, OpenID Connect Core 1.0).
#pragma once

#include "model/openid.hpp"
#include "wire/shape.hpp"

namespace podplay::wire {

extern const Shape kOpenidClientCreate;
extern const Shape kOpenidAuthorize;
extern const Shape kOpenidToken;

extern const Shape kOpenidClient;
extern const Shape kOpenidClientAdded;
extern const Shape kOpenidClientDeleted;
extern const Shape kOpenidAuthorized;
extern const Shape kOpenidTokens;
extern const Shape kOpenidConfiguration;
extern const Shape kOpenidKeys;

// Without the hash of the secret.
Json to_json(const OpenidClient& client);

}  // namespace podplay::wire
