// Logins by the outside provider in requests and answers.
#pragma once

#include "model/openid.hpp"
#include "wire/shape.hpp"

namespace podplay::wire {

extern const Shape kOutsideLoginFinish;

extern const Shape kOutsideLoginOffer;
extern const Shape kOutsideLoginBegun;
extern const Shape kOutsideConnection;

// Of the user with this address.
Json to_json(const std::string& email, const OutsideIdentity& identity);

}  // namespace podplay::wire
