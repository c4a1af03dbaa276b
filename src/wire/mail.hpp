// Requests about messages, and about what was deleted.
#pragma once

#include "wire/shape.hpp"

namespace podplay::wire {

extern const Shape kMailSend;
extern const Shape kMailTest;
extern const Shape kMailRestore;
extern const Shape kSiteRestore;

}  // namespace podplay::wire
