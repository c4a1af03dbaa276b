// Names for a shell to complete. It must answer while somebody has a finger on the Tab key, so it
// asks once, and when something is wrong it prints nothing.
#include <fmt/format.h>

#include <algorithm>
#include <array>

#include "base/print.hpp"
#include "cli/caller.hpp"
#include "cli/invocation.hpp"

namespace podplay::cli {
namespace {

struct NameRow {
  // The noun of the commands that take such a name.
  std::string_view noun;
  std::string_view path;
  std::string_view member;
  // The list can be asked for a text.
  bool has_search = false;
};
constexpr std::array kNames = std::to_array<NameRow>({
    {.noun = "users", .path = "/api/users", .member = "email", .has_search = true},
    {.noun = "domains", .path = "/api/domains", .member = "name", .has_search = true},
    {.noun = "aliases", .path = "/api/aliases", .member = "address", .has_search = true},
    {.noun = "certificates", .path = "/api/certificates", .member = "name"},
    {.noun = "acme", .path = "/api/acme/accounts", .member = "name"},
    {.noun = "jobs", .path = "/api/jobs", .member = "kind"},
});

}  // namespace

int run_names(const Invocation& invocation) {
  const std::string begun = invocation.options.text("begun");
  const auto row = std::ranges::find(kNames, invocation.options.text("noun"), &NameRow::noun);
  if (row == kNames.end()) {
    return 0;
  }
  auto caller = make_caller(invocation.world, invocation.globals);
  if (!caller) {
    return 0;
  }
  net::HttpRequest request{.path = std::string(row->path)};
  request.query["limit"] = "100";
  if (row->has_search && !begun.empty()) {
    request.query["search"] = begun;
  }
  const auto answer = caller->call(std::move(request));
  if (!answer) {
    return 0;
  }
  for (const Json& item : answer->value("items", Json::array())) {
    const std::string name = item.value(std::string(row->member), "");
    if (!name.empty() && name.starts_with(begun)) {
      print_to(invocation.world.out, "{}\n", name);
    }
  }
  return 0;
}

}  // namespace podplay::cli
