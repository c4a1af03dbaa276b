// Numbers are parsed as a whole and must be in range; nothing is guessed.
#include "api/query.hpp"

#include <fmt/format.h>

#include "base/numbers.hpp"
#include "model/names.hpp"

namespace podplay::api {

std::string read_text(const Request& request, const char* name) {
  const auto found = request.http.query.find(name);
  return found == request.http.query.end() ? std::string() : found->second;
}

Result<std::int64_t> read_number(const Request& request, const char* name, std::int64_t otherwise,
                                 std::int64_t least, std::int64_t most) {
  const auto found = request.http.query.find(name);
  if (found == request.http.query.end()) {
    return otherwise;
  }
  const std::string& text = found->second;
  const auto value = parse_number<std::int64_t>(text);
  if (value && *value >= least && *value <= most) {
    return *value;
  }
  return fail_faults({{.field = name,
                       .code = "bad_number",
                       .message = fmt::format("{}='{}' is not possible", name, text.substr(0, 40)),
                       .remedy = fmt::format("use a whole number from {} to {}", least, most)}});
}

Result<Page> read_page(const Request& request) {
  TRY(const auto limit, read_number(request, "limit", 50, 1, 500));
  TRY(const auto after, read_number(request, "cursor", 0, 0, INT64_MAX));
  Page page{.after = after, .limit = limit};
  if (const std::string domain = read_text(request, "domain"); !domain.empty()) {
    TRY(const auto name, DomainName::parse(domain, "domain"));
    page.domain = name.text();
  }
  return page;
}

}  // namespace podplay::api
