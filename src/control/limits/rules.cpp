// Without the secret, logins over HTTP count each wrong password as another one: nothing else
// depends on it.
#include "control/limits/rules.hpp"

#include <fmt/format.h>

#include "base/encoding.hpp"
#include "guard/login_limiter.hpp"

namespace podplay::control {
namespace {

std::string nonce_path(const Context& context) { return context.paths.state + "/login-nonce"; }

}  // namespace

LimitRules limit_rules(const Settings& settings) {
  const auto seconds = [&](Settings::Integer name) {
    return std::chrono::seconds(settings.integer(name));
  };
  return {.account_tries = settings.integer("PODPLAY_LOGIN_TRIES"),
          .address_tries = settings.integer("PODPLAY_LOGIN_ADDRESS_TRIES"),
          .window = seconds("PODPLAY_LOGIN_WINDOW"),
          .lock = seconds("PODPLAY_LOGIN_LOCK"),
          .longest_lock = seconds("PODPLAY_LOGIN_LONGEST_LOCK"),
          .shared_addresses = settings.list("PODPLAY_LOGIN_SHARED_ADDRESSES"),
          .hourly_messages = settings.integer("PODPLAY_MAIL_HOURLY_MESSAGES"),
          .hourly_recipients = settings.integer("PODPLAY_MAIL_HOURLY_RECIPIENTS")};
}

Status prepare_login_nonce(Context& context) {
  if (!context.files.exists(nonce_path(context))) {
    TRY(context.files.write_atomic(nonce_path(context), random_token(), 0600));
  }
  TRY(const auto nonce, context.files.read(nonce_path(context)));
  return context.files.write_atomic(
      fmt::format("{}/{}/login-nonce", context.paths.enrolment, to_text(ServiceName::mail)), nonce,
      0400);
}

void adopt_limits(Context& context) {
  context.logins.use_rules(limit_rules(context.settings), guard::forwarding_addresses());
  auto nonce = context.files.read(nonce_path(context));
  if (nonce) {
    context.logins.use_nonce(Secret(*std::move(nonce)));
  } else {
    context.log.error("the same wrong password again counts like another one",
                      {{"why", describe(nonce.error())}});
  }
}

}  // namespace podplay::control
