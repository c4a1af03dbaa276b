// Only the answer that makes a token carries it.
#include "api/tokens.hpp"

#include "api/answers.hpp"
#include "base/numbers.hpp"
#include "control/identity/tokens.hpp"
#include "wire/tokens.hpp"

namespace podplay::api {
namespace {

control::TokenInput token_input(const Json& body) {
  control::TokenInput input{.name = wire::text_or(body, "name"),
                            .scopes = {},
                            .networks = {},
                            .lifetime = {},
                            .current_password = {}};
  if (body.contains("scopes")) {
    input.scopes = wire::texts(body, "scopes");
  }
  if (body.contains("networks")) {
    input.networks = wire::texts(body, "networks");
  }
  if (body.contains("lifetime")) {
    input.lifetime = wire::integer_or(body, "lifetime", 0);
  }
  if (auto password = wire::optional_text(body, "current_password")) {
    input.current_password = Secret(std::move(*password));
  }
  return input;
}

bool is_current(const Request& request, const Token& token) {
  return request.actor.login().kind == LoginFacts::Kind::token &&
         request.actor.login().id == token.id;
}

}  // namespace

Result<Answer> list_tokens(control::Context& context, Request& request) {
  TRY(const auto tokens, control::list_tokens(context, request.actor));
  Json items = Json::array();
  for (const Token& token : tokens) {
    items.push_back(wire::to_json(token, is_current(request, token)));
  }
  return list_answer(std::move(items));
}

Result<Answer> get_token(control::Context& context, Request& request) {
  const auto id = parse_number<std::int64_t>(request.parameter);
  TRY(const auto token, control::get_token(context, request.actor, id.value_or(0)));
  return Answer{.body = wire::to_json(token, is_current(request, token))};
}

Result<Answer> create_token(control::Context& context, Request& request) {
  TRY(const auto made, control::create_token(context, request.actor, token_input(request.body)));
  Json body = wire::to_json(made.token, false);
  body["token"] = made.text;
  return Answer{.body = std::move(body)};
}

Result<Answer> revoke_token(control::Context& context, Request& request) {
  const auto id = parse_number<std::int64_t>(request.parameter);
  TRY(const auto ended, control::revoke_token(context, request.actor, id.value_or(0)));
  return Answer{.body = wire::to_json(ended, is_current(request, ended))};
}

}  // namespace podplay::api
