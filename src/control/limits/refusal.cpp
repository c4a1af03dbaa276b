// The words are the ones that a mail client is shown.
#include "control/limits/refusal.hpp"

namespace podplay::control {

guard::LoginTry login_try(const Context& context, const Actor& asking, const std::string& account,
                          const Secret& password) {
  return {.account = account,
          .address = asking.remote_address(),
          .door = "http",
          .mark = context.logins.mark_of(account, password)};
}

std::unexpected<Error> refuse_login(const Context& context, const guard::LoginRefusal& refusal) {
  Error error{.kind = ErrorKind::rate_limited,
              .code = "too_many_logins",
              .message = refusal.words(),
              .remedy = "wait until then; an administrator can end it with podplay users unlock"};
  const auto left = refusal.until - context.clock.now();
  error.retry_after = std::chrono::ceil<std::chrono::seconds>(left);
  return std::unexpected(std::move(error));
}

}  // namespace podplay::control
