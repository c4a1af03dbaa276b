// The users.yaml of the earlier PodPlay: domains[].users[]{username, password, aliases, quota,
// enabled, services}. Only what such a file needs of YAML is read: no anchors, no tags, and every
// value as the text that it is.
#pragma once

#include <string_view>
#include <vector>

#include "wire/shape.hpp"

namespace podplay::api {

// The users as objects with the fields of the import: `email` is username@domain, a quota such as
// 500M is in bytes, an alias without @ is one of the user's domain. An object of a user with a
// fault of its own is checked later, like every other row.
Result<std::vector<wire::Json>> read_users_yaml(std::string_view text);

}  // namespace podplay::api
