// Deleted mail and deleted web sites in requests and answers.
#pragma once

#include "wire/shape.hpp"

namespace podplay::wire {

extern const Shape kMailRestore;
extern const Shape kSiteRestore;

extern const Shape kDeletedItem;
extern const Shape kErased;

}  // namespace podplay::wire
