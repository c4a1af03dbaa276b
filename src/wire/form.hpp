// A body as HTML forms and OAuth clients send it: application/x-www-form-urlencoded (WHATWG URL
// section 5.1).
#pragma once

#include "wire/shape.hpp"

namespace podplay::wire {

// The fields of the shape, as texts; others are ignored (RFC 6749 section 3.2). Fails when one
// comes twice, is missing, or is badly encoded.
Result<Json> read_form(const Shape& shape, std::string_view body);

}  // namespace podplay::wire
