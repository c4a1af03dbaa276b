// Users in requests and answers.
#pragma once

#include "model/user.hpp"
#include "wire/shape.hpp"

namespace podplay::wire {

extern const Shape kUserCreate;
extern const Shape kUserUpdate;
// One line of the NDJSON body.
extern const Shape kUserImport;

extern const Shape kUser;
// The same, and the login of the request.
extern const Shape kCurrentUser;
extern const Shape kUsersImported;

// Times are RFC 3339 in UTC, the quota is in bytes. Never has the password hash.
Json to_json(const User& user);

}  // namespace podplay::wire
