// Refused requests leave no row, so somebody who goes on asking writes nothing.
#include "control/journeys/tries.hpp"

#include <fmt/chrono.h>
#include <fmt/format.h>

#include "guard/login_limiter.hpp"
#include "store/links.hpp"

namespace podplay::control {

using namespace std::chrono;

namespace {

constexpr std::int64_t kForManyClients = 20;
// Of what one account may ask for.
constexpr std::int64_t kResetsOfAClient = 10;

}  // namespace

TryRule registrations_from(const Context& context) {
  return {.kind = "registration_from",
          .most = context.settings.integer("PODPLAY_REGISTRATION_TRIES"),
          .window = days(1),
          .what = "registrations from your address"};
}

TryRule registrations_to(const Context& context) {
  return {.kind = "registration_to",
          .most = context.settings.integer("PODPLAY_REGISTRATION_TRIES"),
          .window = days(1),
          .what = "registrations with this recovery address"};
}

TryRule resets_of(const Context& context) {
  return {.kind = "reset_of",
          .most = context.settings.integer("PODPLAY_RESET_TRIES"),
          .window = hours(1),
          .what = "password resets of this account"};
}

TryRule resets_from(const Context& context) {
  return {.kind = "reset_from",
          .most = kResetsOfAClient * context.settings.integer("PODPLAY_RESET_TRIES"),
          .window = hours(1),
          .what = "password resets from your address"};
}

Status count_try(Context& context, store::Transaction& transaction, const TryRule& rule,
                 const std::string& subject) {
  const WallTime now = context.clock.now();
  const auto times =
      store::list_tries(transaction, std::string(rule.kind), subject, now - rule.window, rule.most);
  if (static_cast<std::int64_t>(times.size()) < rule.most) {
    store::insert_try(transaction, {std::string(rule.kind), subject, now});
    return {};
  }
  const WallTime free = times.back() + rule.window;
  Error error{.kind = ErrorKind::rate_limited,
              .code = "too_many_requests",
              .message = fmt::format("too many {}; try again after {:%Y-%m-%d %H:%M:%S} UTC",
                                     rule.what, ceil<seconds>(free)),
              .remedy = "wait until then"};
  error.retry_after = ceil<seconds>(free - now);
  return std::unexpected(std::move(error));
}

Status count_client_try(Context& context, store::Transaction& transaction, TryRule rule,
                        const Actor& asking) {
  std::string network = context.logins.network_of_one(asking.remote_address());
  if (network.empty()) {
    network = "(shared)";
    rule.most *= kForManyClients;
  }
  return count_try(context, transaction, rule, network);
}

}  // namespace podplay::control
