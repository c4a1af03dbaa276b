// Pages go from the newest alert to older ones. The answer to a test names every receiver, and has
// the status 503 when one of them did not take the message.
#include "api/alerts.hpp"

#include <fmt/format.h>

#include "api/answers.hpp"
#include "control/watch/alerts/alerts.hpp"
#include "wire/alerts.hpp"

namespace podplay::api {
namespace {

Json alert_json(const control::AlertDetails& details) {
  return wire::to_json(details.alert, details.silence, details.notices);
}

}  // namespace

Result<Answer> list_alerts(control::Context& context, Request& request) {
  TRY(const auto page, read_page(request));
  std::optional<AlertState> state;
  if (const std::string wanted = read_text(request, "state"); !wanted.empty()) {
    state = parse_alert_state(wanted);
    if (!state) {
      return fail_faults(
          {{.field = "state",
            .code = "unknown_state",
            .message = fmt::format("no alert is in the state '{}'", wanted.substr(0, 40)),
            .remedy = "use one of: open, recovered, pending"}});
    }
  }
  TRY(const auto alerts, control::list_alerts(context, state, page.after, page.limit));
  return page_answer<control::AlertDetails>(
      alerts, page, alert_json,
      [](const control::AlertDetails& details) { return details.alert.id; });
}

Result<Answer> silence_alert(control::Context& context, Request& request) {
  TRY(const auto details,
      control::silence_alert(context, request.actor, request.parameter,
                             {.until = wire::text_or(request.body, "until"),
                              .reason = wire::text_or(request.body, "reason")}));
  return Answer{.body = alert_json(details)};
}

Result<Answer> unsilence_alert(control::Context& context, Request& request) {
  TRY(const auto details, control::unsilence_alert(context, request.actor, request.parameter));
  return Answer{.body = alert_json(details)};
}

Result<Answer> test_alerts(control::Context& context, Request& request) {
  TRY(const auto tries, control::test_alerts(context, request.actor));
  Json list = Json::array();
  bool all = true;
  for (const control::AlertTry& one : tries) {
    all = all && one.ok;
    list.push_back(
        {{"way", one.way}, {"receiver", one.receiver}, {"ok", one.ok}, {"answer", one.answer}});
  }
  return Answer{.body = {{"tries", std::move(list)}}, .status = all ? 200 : 503};
}

}  // namespace podplay::api
