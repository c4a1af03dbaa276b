// Members and errors have the names of RFC 6749 and OpenID Connect Core 1.0. A client's secret is
// only in the answer that made the client, and not in that of a dry run.
#include "api/openid.hpp"

#include "api/answers.hpp"
#include "control/identity/openid.hpp"
#include "control/identity/token_key.hpp"
#include "wire/openid.hpp"

namespace podplay::api {

Result<Answer> get_openid_configuration(control::Context& context, Request&) {
  return Answer{.body = control::openid_configuration(context.settings)};
}

Result<Answer> get_openid_keys(control::Context& context, Request&) {
  TRY(auto keys, control::token_key_set(context));
  return Answer{.body = std::move(keys)};
}

Result<Answer> authorize_openid(control::Context& context, Request& request) {
  const auto text = [&](const char* name) { return wire::text_or(request.body, name); };
  TRY(const auto redirect,
      control::authorize_openid(context, request.actor,
                                {.client_id = text("client_id"),
                                 .redirect_uri = text("redirect_uri"),
                                 .response_type = text("response_type"),
                                 .scope = text("scope"),
                                 .state = text("state"),
                                 .nonce = text("nonce"),
                                 .code_challenge = text("code_challenge"),
                                 .code_challenge_method = text("code_challenge_method")}));
  return Answer{.body = {{"redirect", redirect}}};
}

Result<Answer> redeem_openid(control::Context& context, Request& request) {
  const auto text = [&](const char* name) { return wire::text_or(request.body, name); };
  TRY(const auto tokens, control::redeem_openid(context, request.actor,
                                                {.grant_type = text("grant_type"),
                                                 .code = text("code"),
                                                 .redirect_uri = text("redirect_uri"),
                                                 .client_id = text("client_id"),
                                                 .client_secret = Secret(text("client_secret")),
                                                 .code_verifier = text("code_verifier")}));
  return Answer{.body = {{"access_token", tokens.access_token},
                         {"token_type", "Bearer"},
                         {"expires_in", std::chrono::seconds(control::kTokenLifetime).count()},
                         {"id_token", tokens.id_token},
                         {"scope", tokens.scope}}};
}

Result<Answer> list_openid_clients(control::Context& context, Request&) {
  TRY(const auto clients, control::list_openid_clients(context));
  Json items = Json::array();
  for (const OpenidClient& client : clients) {
    items.push_back(wire::to_json(client));
  }
  return list_answer(std::move(items));
}

Result<Answer> create_openid_client(control::Context& context, Request& request) {
  auto changed = control::create_openid_client(
      context, request.actor,
      {.id = wire::text_or(request.body, "id"),
       .name = wire::text_or(request.body, "name"),
       .redirect_uris = wire::texts(request.body, "redirect_uris"),
       .confidential = wire::boolean_or(request.body, "confidential", false)},
      request.options);
  if (changed && request.options.dry_run) {
    changed->object.secret = Secret();
  }
  return write_answer<control::OpenidClientAdded>(context, request, std::move(changed),
                                                  [](const control::OpenidClientAdded& added) {
                                                    Json body = wire::to_json(added.client);
                                                    body["client_secret"] = added.secret.reveal();
                                                    return body;
                                                  });
}

Result<Answer> delete_openid_client(control::Context& context, Request& request) {
  return write_answer<OpenidClient>(
      context, request,
      control::delete_openid_client(context, request.actor, request.parameter, request.options),
      [](const OpenidClient& client) { return wire::to_json(client); });
}

}  // namespace podplay::api
