// Each handler is one call of control/identity. An import is read line by line.
#include "api/users.hpp"

#include <map>

#include "api/answers.hpp"
#include "control/identity/import_users.hpp"
#include "control/identity/passwords.hpp"
#include "control/import_line.hpp"
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

control::UserInput user_input(const Json& body) {
  control::UserInput input;
  input.email = wire::text_or(body, "email");
  input.password = secret_of(body, "password");
  input.current_password = secret_of(body, "current_password");
  input.password_hash = wire::optional_text(body, "password_hash");
  input.username = wire::optional_text(body, "username");
  input.role = wire::optional_text(body, "role");
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

// Returns one line of the body after the other, so the body is never in memory as a tree. Passwords
// are hashed before the change begins: that takes about 22 ms each, and others may write to the
// store meanwhile.
class ImportLines {
 public:
  explicit ImportLines(std::string_view body) : body_(body), rest_(body) {}

  Status hash_passwords() {
    while (const auto line = next_line()) {
      if (line->find("\"password\"") == line->npos) {
        continue;
      }
      const auto body = wire::read_body(wire::kUserImport, *line);
      // next() reports the fault, with the number of the line.
      if (!body) {
        continue;
      }
      const control::UserInput input = user_input(*body);
      if (!input.password || input.password_hash) {
        continue;
      }
      const auto hash =
          control::check_and_hash(*input.password, control::PasswordChoice::given, input.email);
      if (!hash) {
        return std::unexpected(control::at_line(hash.error(), number_));
      }
      hashes_.emplace(number_, *hash);
    }
    rest_ = body_;
    number_ = 0;
    return {};
  }

  Result<std::optional<control::ImportLine>> next() {
    const auto line = next_line();
    if (!line) {
      return std::optional<control::ImportLine>();
    }
    const auto body = wire::read_body(wire::kUserImport, *line);
    if (!body) {
      return std::unexpected(control::at_line(body.error(), number_));
    }
    control::ImportLine found{number_, user_input(*body)};
    if (const auto hash = hashes_.find(number_); hash != hashes_.end()) {
      found.user.password_hash = hash->second;
    }
    return std::optional(std::move(found));
  }

 private:
  std::optional<std::string_view> next_line() {
    while (!rest_.empty()) {
      const std::size_t end = std::min(rest_.find('\n'), rest_.size());
      const std::string_view line = rest_.substr(0, end);
      rest_.remove_prefix(std::min(end + 1, rest_.size()));
      ++number_;
      if (line.find_first_not_of(" \t\r") != line.npos) {
        return line;
      }
    }
    return std::nullopt;
  }

  std::string_view body_;
  std::string_view rest_;
  // Of the line given last, from 1.
  std::int64_t number_ = 0;
  // By the number of the line.
  std::map<std::int64_t, std::string> hashes_;
};

}  // namespace

Result<Answer> list_users(control::Context& context, Request& request) {
  TRY(const auto page, read_page(request));
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

Result<Answer> import_users(control::Context& context, Request& request) {
  ImportLines lines(request.http.body);
  TRY(lines.hash_passwords());
  return write_answer<std::int64_t>(
      context, request,
      control::import_users(
          context, request.actor, [&] { return lines.next(); }, request.options),
      [](const std::int64_t& count) { return Json{{"created", count}}; });
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
