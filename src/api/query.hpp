// Values of the query string. Their names were checked against the route's row before.
#pragma once

#include <cstdint>
#include <string>

#include "api/request.hpp"

namespace podplay::api {

// The text of a parameter; empty when it is missing.
std::string read_text(const Request& request, const char* name);
// A whole number from `least` to `most`; `otherwise` when it is missing.
Result<std::int64_t> read_number(const Request& request, const char* name, std::int64_t otherwise,
                                 std::int64_t least, std::int64_t most);

// A page of a list: ?cursor, ?limit, ?domain.
struct Page {
  // Rows beyond this key; 0: from the beginning.
  std::int64_t after = 0;
  std::int64_t limit = 50;
  // Only rows of this domain; empty: of all.
  std::string domain;
};
Result<Page> read_page(const Request& request);

}  // namespace podplay::api
