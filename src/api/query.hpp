// Values of the query string. Their names were checked against the route's row before.
#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "api/request.hpp"
#include "base/clock.hpp"
#include "control/search.hpp"

namespace podplay::api {

// The text of a parameter; empty when it is missing.
std::string read_text(const Request& request, const char* name);
// A whole number from `least` to `most`; `otherwise` when it is missing.
Result<std::int64_t> read_number(const Request& request, const char* name, std::int64_t otherwise,
                                 std::int64_t least, std::int64_t most);

// An instant in RFC 3339; nothing when it is missing.
Result<std::optional<WallTime>> read_time(const Request& request, const char* name);
// 1 or 0; nothing when it is missing.
Result<std::optional<bool>> read_flag(const Request& request, const char* name);

// A page of a list: ?cursor, ?limit, ?domain, ?sort.
struct Page {
  // Rows beyond this key; 0: from the beginning. Of a list that is ordered by a text, see
  // `after_text`.
  std::int64_t after = 0;
  std::string after_text{};
  std::int64_t limit = 50;
  // The field that ?sort named, without its -; empty: the list's own order.
  std::string sort{};
  bool descending = false;
  // Only rows of this domain; empty: of all.
  std::string domain;
};
Result<Page> read_page(const Request& request);

// What else is asked of the page than its domain: ?search, ?enabled, ?role, and ?sort by the
// address or name. Nothing when the request asks for none of them.
Result<std::optional<store::Search>> read_search(const Request& request, const Page& page);

}  // namespace podplay::api
