// Grants in requests and answers.
#pragma once

#include "model/user.hpp"
#include "wire/shape.hpp"

namespace podplay::wire {

extern const Shape kGrantChange;

extern const Shape kGrant;
Json to_json(const Grant& grant);

}  // namespace podplay::wire
