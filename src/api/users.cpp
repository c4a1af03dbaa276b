// What a body leaves out stays as it is. A user whom the actor does not administer is answered like
// one that does not exist.
#include "api/users.hpp"

#include "api/answers.hpp"
#include "api/user_input.hpp"
#include "control/identity/rehash.hpp"
#include "control/identity/users.hpp"
#include "wire/users.hpp"

namespace podplay::api {
namespace {

std::optional<Secret> secret_of(const Json& body, const char* name) {
  auto text = wire::optional_text(body, name);
  if (!text) {
    return std::nullopt;
  }
  return Secret(std::move(*text));
}

}  // namespace

control::UserInput user_input(const Json& body) {
  control::UserInput input;
  input.email = wire::text_or(body, "email");
  input.password = secret_of(body, "password");
  input.current_password = secret_of(body, "current_password");
  input.password_hash = wire::optional_text(body, "password_hash");
  input.username = wire::optional_text(body, "username");
  input.role = wire::optional_text(body, "role");
  if (body.contains("domains") && body["domains"].is_array()) {
    input.domains = wire::texts(body, "domains");
  }
  if (body.contains("enabled") && body["enabled"].is_boolean()) {
    input.enabled = body["enabled"].get<bool>();
  }
  if (body.contains("quota") && body["quota"].is_number_integer()) {
    input.quota = body["quota"].get<std::int64_t>();
  }
  if (body.contains("services") && body["services"].is_array()) {
    input.services = wire::texts(body, "services");
  }
  return input;
}

Result<Answer> list_users(control::Context& context, Request& request) {
  TRY(const auto page, read_page(request));
  TRY(const auto search, read_search(request, page));
  if (search) {
    TRY(const auto found, control::search_users(context, request.actor, page.domain, *search));
    return search_answer<User>(
        found, page, search->by_name, [](const User& user) { return wire::to_json(user); },
        [](const User& user) -> const std::string& { return user.email; });
  }
  TRY(const auto users,
      control::list_users(context, request.actor, page.domain, page.after, page.limit));
  return page_answer<User>(
      users, page, [](const User& user) { return wire::to_json(user); },
      [](const User& user) { return user.id; });
}

Result<Answer> create_user(control::Context& context, Request& request) {
  return write_answer(
      context, request,
      control::create_user(context, request.actor, user_input(request.body), request.options));
}

Result<Answer> get_user(control::Context& context, Request& request) {
  return object_answer(control::get_user(context, request.actor, request.parameter));
}

Result<Answer> update_user(control::Context& context, Request& request) {
  return write_answer(context, request,
                      control::update_user(context, request.actor, request.parameter,
                                           user_input(request.body), request.options));
}

Result<Answer> delete_user(control::Context& context, Request& request) {
  return write_answer(
      context, request,
      control::delete_user(context, request.actor, request.parameter, request.options));
}

}  // namespace podplay::api
