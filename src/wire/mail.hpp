// Requests about messages.
#pragma once

#include "wire/shape.hpp"

namespace podplay::wire {

extern const Shape kMailSend;
extern const Shape kMailTest;

}  // namespace podplay::wire
