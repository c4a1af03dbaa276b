// /api/users
#include "control/users.hpp"

#include "api/handlers.hpp"
#include "wire/objects.hpp"
#include "wire/shapes.hpp"

namespace podplay::api {
namespace {

std::optional<Secret> password_of(const Json& body) {
  auto text = wire::optional_text(body, "password");
  if (!text) return std::nullopt;
  return Secret(std::move(*text));
}

control::UserInput user_input(const Json& body) {
  control::UserInput input;
  input.email = wire::text_or(body, "email");
  input.password = password_of(body);
  input.password_hash = wire::optional_text(body, "password_hash");
  input.username = wire::optional_text(body, "username");
  input.role = wire::optional_text(body, "role");
  if (body.contains("enabled") && body["enabled"].is_boolean()) input.enabled = body["enabled"].get<bool>();
  if (body.contains("quota") && body["quota"].is_number_integer()) input.quota = body["quota"].get<std::int64_t>();
  if (body.contains("services") && body["services"].is_array()) input.services = wire::texts(body, "services");
  return input;
}

// One line of the body after the other; the body is never a tree in memory.
class ImportLines {
 public:
  explicit ImportLines(std::string_view body) : rest_(body) {}
  Result<std::optional<control::UserInput>> next() {
    while (!rest_.empty()) {
      const std::size_t end = std::min(rest_.find('\n'), rest_.size());
      const std::string_view line = rest_.substr(0, end);
      rest_.remove_prefix(std::min(end + 1, rest_.size()));
      if (line.find_first_not_of(" \t\r") == line.npos) continue;
      auto body = wire::read_body(wire::kUserImport, line);
      if (!body) return std::unexpected(body.error());
      return std::optional(user_input(*body));
    }
    return std::optional<control::UserInput>();
  }

 private:
  std::string_view rest_;
};

}  // namespace

Result<Answer> list_users(control::Context& context, Request& request) {
  const auto page = read_page(request);
  if (!page) return std::unexpected(page.error());
  const auto users = control::list_users(context, request.actor, page->domain, page->after, page->limit);
  if (!users) return std::unexpected(users.error());
  return page_answer<User>(*users, *page, [](const User& user) { return wire::to_json(user); }, [](const User& user) { return user.id; });
}

Result<Answer> create_user(control::Context& context, Request& request) {
  return write_answer(context, request, control::create_user(context, request.actor, user_input(request.body), request.options), 201);
}

Result<Answer> import_users(control::Context& context, Request& request) {
  ImportLines lines(request.http.body);
  const auto changed = control::import_users(context, request.actor, [&] { return lines.next(); }, request.options);
  if (!changed) return std::unexpected(changed.error());
  return write_answer(context, request, {{{"created", changed->object}}, changed->revision, &changed->dry_run}, 201);
}

Result<Answer> get_user(control::Context& context, Request& request) {
  return object_answer(control::get_user(context, request.actor, request.parameter));
}

Result<Answer> update_user(control::Context& context, Request& request) {
  return write_answer(context, request, control::update_user(context, request.actor, request.parameter, user_input(request.body), request.options),
                      200);
}

Result<Answer> delete_user(control::Context& context, Request& request) {
  return write_answer(context, request, control::delete_user(context, request.actor, request.parameter, request.options), 200);
}

}  // namespace podplay::api
