// A user's lock is no part of the user: it is in memory, and ends by itself.
#include "api/limits.hpp"

#include "control/limits/locks.hpp"

namespace podplay::api {

Result<Answer> why_locked(control::Context& context, Request& request) {
  TRY(const auto lock, control::why_locked(context, request.actor, request.parameter));
  Json tries = Json::array();
  for (const LoginEvent& event : lock.state.last) {
    tries.push_back({{"at", to_rfc3339(event.at)},
                     {"kind", to_text(event.kind)},
                     {"address", event.address},
                     {"door", event.door},
                     {"count", event.count}});
  }
  Json body{{"email", lock.email},
            {"locked", lock.state.locked},
            {"wrong_passwords", lock.state.tries},
            {"locks", lock.state.locks},
            {"known_addresses", lock.state.known_networks},
            {"tries", std::move(tries)}};
  if (lock.state.locked) {
    body["until"] = to_rfc3339(lock.state.until);
  }
  return Answer{.body = std::move(body)};
}

Result<Answer> unlock_user(control::Context& context, Request& request) {
  TRY(const auto email, control::unlock_user(context, request.actor, request.parameter));
  return Answer{.body = {{"email", email}}};
}

}  // namespace podplay::api
