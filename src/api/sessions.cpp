// A person sees and ends only their own sessions.
#include "api/sessions.hpp"

#include "api/answers.hpp"
#include "base/numbers.hpp"
#include "control/identity/sessions.hpp"
#include "wire/sessions.hpp"

namespace podplay::api {
namespace {

wire::SessionView session_view(const control::SessionDetails& details) {
  return {.session = details.session, .current = details.current, .idle_until = details.idle_until};
}

}  // namespace

Result<Answer> list_sessions(control::Context& context, Request& request) {
  TRY(const auto sessions, control::list_sessions(context, request.actor));
  Json items = Json::array();
  for (const auto& details : sessions) {
    items.push_back(wire::to_json(session_view(details)));
  }
  return list_answer(std::move(items));
}

Result<Answer> revoke_session(control::Context& context, Request& request) {
  const auto id = parse_number<std::int64_t>(request.parameter);
  TRY(const auto ended, control::revoke_session(context, request.actor, id.value_or(0)));
  return Answer{.body = wire::to_json(session_view(ended))};
}

Result<Answer> revoke_other_sessions(control::Context& context, Request& request) {
  TRY(const auto count, control::revoke_other_sessions(context, request.actor));
  return Answer{.body = {{"revoked", count}}};
}

}  // namespace podplay::api
