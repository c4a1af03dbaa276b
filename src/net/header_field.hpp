// Which header fields of a request are let in. The library takes them as they come.
#pragma once

#include <string_view>

namespace podplay::net {

// RFC 9110 sections 5.1 and 5.5: a name is a token, and a value has no line end and no NUL.
bool is_header_field(std::string_view name, std::string_view value);

}  // namespace podplay::net
