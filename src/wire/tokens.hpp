// Tokens of programs in requests and answers.
#pragma once

#include "model/login.hpp"
#include "wire/shape.hpp"

namespace podplay::wire {

extern const Shape kTokenCreate;

extern const Shape kToken;
// The same, and the token itself.
extern const Shape kTokenCreated;

// `current`: it is the one that the request came with.
Json to_json(const Token& token, bool current);

}  // namespace podplay::wire
