// Which looks are meant is a list in the query, separated by commas.
#include "api/diag.hpp"

#include <sstream>

#include "api/query.hpp"
#include "control/watch/tools/diag.hpp"

namespace podplay::api {
namespace {

constexpr std::int64_t kLastPort = 65535;

}  // namespace

Result<Answer> get_diag(control::Context& context, Request& request) {
  looks::LookQuestion asked{.name = read_text(request, "name"), .type = read_text(request, "type")};
  TRY(const auto port, read_number(request, "port", 0, 1, kLastPort));
  asked.port = static_cast<int>(port);
  std::istringstream names(read_text(request, "what"));
  for (std::string name; std::getline(names, name, ',');) {
    if (!name.empty()) {
      asked.what.push_back(name);
    }
  }
  TRY(auto seen, control::look_at_service(context, request.actor, request.parameter,
                                          read_text(request, "host"), asked));
  Json body = std::move(seen.looks);
  body["service"] = seen.service;
  body["host"] = seen.host;
  body["at"] = to_rfc3339(seen.at);
  body["took_ms"] = seen.took.count();
  return Answer{.body = std::move(body)};
}

}  // namespace podplay::api
