// Each handler is one call of control/identity. What a request makes up is in its answer once; the
// answer to a dry run has none of it.
#include "api/credentials.hpp"

#include "api/answers.hpp"
#include "api/logins.hpp"
#include "base/numbers.hpp"
#include "control/identity/app_passwords.hpp"
#include "control/identity/login.hpp"
#include "control/identity/passkeys.hpp"
#include "control/identity/totp.hpp"
#include "wire/credentials.hpp"

namespace podplay::api {
namespace {

std::optional<Secret> current_password(const Json& body) {
  auto text = wire::optional_text(body, "current_password");
  return text ? std::optional(Secret(std::move(*text))) : std::nullopt;
}

Json texts_of(const std::vector<Secret>& secrets) {
  Json texts = Json::array();
  for (const Secret& secret : secrets) {
    texts.push_back(secret.reveal());
  }
  return texts;
}

// 0, which no object has, when the path has no number.
std::int64_t id_of(const Request& request) {
  return parse_number<std::int64_t>(request.parameter).value_or(0);
}

template <class T>
Json shown(const T& one) {
  return wire::to_json(one);
}

template <class T>
Json array_of(const std::vector<T>& all) {
  Json list = Json::array();
  for (const T& one : all) {
    list.push_back(wire::to_json(one));
  }
  return list;
}

}  // namespace

Result<Answer> get_factors(control::Context& context, Request& request) {
  TRY(const auto factors, control::get_factors(context, request.actor, ""));
  return Answer{.body = wire::to_json(factors)};
}

Result<Answer> get_user_factors(control::Context& context, Request& request) {
  TRY(const auto factors, control::get_factors(context, request.actor, request.parameter));
  return Answer{.body = wire::to_json(factors)};
}

Result<Answer> reset_factors(control::Context& context, Request& request) {
  return write_answer<FactorOverview>(
      context, request,
      control::reset_factors(context, request.actor, request.parameter, request.options), shown);
}

Result<Answer> begin_totp(control::Context& context, Request& request) {
  TRY(const auto begun,
      control::begin_totp(context, request.actor, current_password(request.body)));
  return Answer{.body = {{"secret", begun.secret},
                         {"uri", begun.uri.reveal()},
                         {"qr_size", begun.qr_code.size},
                         {"qr_path", begun.qr_code.path},
                         {"qr_svg", begun.qr_code.svg},
                         {"qr_text", begun.qr_code.text}}};
}

Result<Answer> confirm_totp(control::Context& context, Request& request) {
  const bool dry_run = request.options.dry_run;
  const auto show = [](const control::FactorAdded& added) {
    Json body = wire::to_json(added.factors);
    body["recovery_codes"] = texts_of(added.recovery_codes);
    return body;
  };
  auto changed = control::confirm_totp(context, request.actor, wire::text_or(request.body, "code"),
                                       request.options);
  if (changed && dry_run) {
    changed->object.recovery_codes.clear();
  }
  return write_answer<control::FactorAdded>(context, request, std::move(changed), show);
}

Result<Answer> remove_totp(control::Context& context, Request& request) {
  return write_answer<FactorOverview>(
      context, request, control::remove_totp(context, request.actor, request.options), shown);
}

Result<Answer> get_recovery_codes(control::Context& context, Request& request) {
  TRY(const auto factors, control::get_factors(context, request.actor, ""));
  const Json shown = wire::to_json(factors);
  return Answer{.body = {{"left", shown["recovery_codes_left"]},
                         {"created", shown["recovery_codes_created"]}}};
}

Result<Answer> renew_recovery_codes(control::Context& context, Request& request) {
  TRY(const auto codes,
      control::renew_recovery_codes(context, request.actor, current_password(request.body)));
  return Answer{.body = {{"recovery_codes", texts_of(codes)}}};
}

Result<Answer> begin_passkey(control::Context& context, Request& request) {
  TRY(const auto creation,
      control::begin_passkey(context, request.actor, current_password(request.body)));
  return Answer{.body = wire::to_json(creation)};
}

Result<Answer> create_passkey(control::Context& context, Request& request) {
  const auto show = [](const control::PasskeyAdded& added) {
    Json body = wire::to_json(added.passkey);
    body["recovery_codes"] = texts_of(added.recovery_codes);
    return body;
  };
  auto changed =
      control::create_passkey(context, request.actor, wire::text_or(request.body, "name"),
                              request.body.at("credential"), request.options);
  if (changed && request.options.dry_run) {
    changed->object.recovery_codes.clear();
  }
  return write_answer<control::PasskeyAdded>(context, request, std::move(changed), show);
}

Result<Answer> list_passkeys(control::Context& context, Request& request) {
  TRY(const auto passkeys, control::list_passkeys(context, request.actor));
  return list_answer(array_of(passkeys));
}

Result<Answer> rename_passkey(control::Context& context, Request& request) {
  TRY(const auto passkey, control::rename_passkey(context, request.actor, id_of(request),
                                                  wire::text_or(request.body, "name")));
  return Answer{.body = wire::to_json(passkey)};
}

Result<Answer> delete_passkey(control::Context& context, Request& request) {
  return write_answer<StoredPasskey>(
      context, request,
      control::delete_passkey(context, request.actor, id_of(request), request.options), shown);
}

Result<Answer> offer_passkey_login(control::Context& context, Request&) {
  TRY(const auto question, control::offer_passkey_login(context));
  return Answer{.body = wire::to_json(question)};
}

Result<Answer> login_by_passkey(control::Context& context, Request& request) {
  TRY(const auto wish, read_login_wish(request));
  TRY(const auto user,
      control::find_passkey_user(context, request.actor, request.body.at("credential")));
  TRY(const auto done,
      control::begin_login(context, request.actor, user, Strength::multi_factor, wish));
  return login_answer(context, done);
}

Result<Answer> offer_passkey_proof(control::Context& context, Request& request) {
  TRY(const auto question, control::offer_passkey_proof(context, request.actor));
  return Answer{.body = wire::to_json(question)};
}

Result<Answer> list_app_passwords(control::Context& context, Request& request) {
  TRY(const auto passwords, control::list_app_passwords(context, request.actor, ""));
  return list_answer(array_of(passwords));
}

Result<Answer> list_user_app_passwords(control::Context& context, Request& request) {
  TRY(const auto passwords, control::list_app_passwords(context, request.actor, request.parameter));
  return list_answer(array_of(passwords));
}

Result<Answer> create_app_password(control::Context& context, Request& request) {
  control::AppPasswordInput input{.name = wire::text_or(request.body, "name"),
                                  .current_password = current_password(request.body)};
  if (request.body.contains("protocols")) {
    input.protocols = wire::texts(request.body, "protocols");
  }
  auto changed = control::create_app_password(context, request.actor, input, request.options);
  if (changed && request.options.dry_run) {
    changed->object.text = Secret();
  }
  return write_answer<control::AppPasswordAdded>(context, request, std::move(changed),
                                                 [](const control::AppPasswordAdded& added) {
                                                   Json body = wire::to_json(added.password);
                                                   body["password"] = added.text.reveal();
                                                   return body;
                                                 });
}

Result<Answer> revoke_app_password(control::Context& context, Request& request) {
  return write_answer<AppPassword>(
      context, request,
      control::revoke_app_password(context, request.actor, id_of(request), request.options), shown);
}

}  // namespace podplay::api
