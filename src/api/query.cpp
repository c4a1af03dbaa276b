// Numbers are parsed as a whole and must be in range; nothing is guessed.
#include "api/query.hpp"

#include <fmt/format.h>

#include "base/numbers.hpp"
#include "model/names.hpp"
#include "model/user.hpp"

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

Result<std::optional<WallTime>> read_time(const Request& request, const char* name) {
  const std::string text = read_text(request, name);
  if (text.empty()) {
    return std::nullopt;
  }
  const auto time = parse_rfc3339(text);
  if (!time) {
    return fail_faults({{.field = name,
                         .code = "bad_time",
                         .message = fmt::format("{}='{}' is no time", name, text.substr(0, 40)),
                         .remedy = "write 2026-01-31T12:00:00Z"}});
  }
  return *time;
}

Result<std::optional<bool>> read_flag(const Request& request, const char* name) {
  if (!request.http.query.contains(name)) {
    return std::nullopt;
  }
  TRY(const auto value, read_number(request, name, 0, 0, 1));
  return value == 1;
}

// A list that is ordered by a text goes on after that text.
Result<Page> read_page(const Request& request) {
  Page page;
  TRY(page.limit, read_number(request, "limit", 50, 1, 500));
  page.sort = read_text(request, "sort");
  page.descending = page.sort.starts_with('-');
  page.sort.erase(0, page.descending ? 1 : 0);
  if (page.sort.empty() || page.sort == "id") {
    TRY(page.after, read_number(request, "cursor", 0, 0, INT64_MAX));
  } else {
    page.after_text = read_text(request, "cursor");
  }
  if (const std::string domain = read_text(request, "domain"); !domain.empty()) {
    TRY(const auto name, DomainName::parse(domain, "domain"));
    page.domain = name.text();
  }
  return page;
}

Result<std::optional<store::Search>> read_search(const Request& request, const Page& page) {
  store::Search search{.text = read_text(request, "search"),
                       .role = read_text(request, "role"),
                       .by_name = !page.sort.empty() && page.sort != "id",
                       .descending = page.descending,
                       .after = page.after,
                       .after_name = page.after_text,
                       .limit = page.limit};
  TRY(search.enabled, read_flag(request, "enabled"));
  if (!search.role.empty()) {
    TRY(parse_role(search.role));
  }
  if (search.text.empty() && search.role.empty() && !search.enabled && page.sort.empty()) {
    return std::nullopt;
  }
  return search;
}

}  // namespace podplay::api
