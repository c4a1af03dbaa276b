// The JSON of what the API shows: users, domains, aliases; times are RFC 3339 UTC, quotas bytes.
#pragma once

#include "model/user.hpp"
#include "wire/shape.hpp"

namespace podplay::wire {

// Never the password hash.
Json to_json(const User& user);
Json to_json(const Domain& domain);
Json to_json(const Alias& alias);

}  // namespace podplay::wire
