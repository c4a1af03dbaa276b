// A grant is named by its role and domain, so giving it twice changes nothing. Nobody takes away
// the own grant or that of the last administrator.
#include "api/grants.hpp"

#include "api/answers.hpp"
#include "control/identity/grants.hpp"
#include "wire/grants.hpp"
#include "wire/users.hpp"

namespace podplay::api {
namespace {

Result<control::GrantName> read_grant(const Request& request) {
  return control::parse_grant(wire::text_or(request.body, "role", "domain-admin"),
                              wire::text_or(request.body, "domain"));
}

}  // namespace

Result<Answer> list_grants(control::Context& context, Request& request) {
  TRY(const auto grants, control::list_grants(context, request.actor, request.parameter));
  Json items = Json::array();
  for (const Grant& grant : grants) {
    items.push_back(wire::to_json(grant));
  }
  return list_answer(std::move(items));
}

Result<Answer> add_grant(control::Context& context, Request& request) {
  TRY(const auto grant, read_grant(request));
  return write_answer(
      context, request,
      control::add_grant(context, request.actor, request.parameter, grant, request.options));
}

Result<Answer> remove_grant(control::Context& context, Request& request) {
  TRY(const auto grant, read_grant(request));
  return write_answer(
      context, request,
      control::remove_grant(context, request.actor, request.parameter, grant, request.options));
}

Result<Answer> list_domain_admins(control::Context& context, Request& request) {
  TRY(const auto users, control::list_domain_admins(context, request.actor, request.parameter));
  Json items = Json::array();
  for (const User& user : users) {
    items.push_back(wire::to_json(user));
  }
  return list_answer(std::move(items));
}

}  // namespace podplay::api
