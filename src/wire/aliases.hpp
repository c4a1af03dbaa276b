// Aliases in requests and answers.
#pragma once

#include "model/user.hpp"
#include "wire/shape.hpp"

namespace podplay::wire {

extern const Shape kAliasCreate;
extern const Shape kAliasUpdate;

extern const Shape kAlias;

// Times are RFC 3339 in UTC.
Json to_json(const Alias& alias);

}  // namespace podplay::wire
