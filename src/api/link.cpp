// The paths of the link. An agent is the one that its client certificate names; only enrolment
// comes before the first certificate. Work is sent as the text that the store keeps.
#include "api/link.hpp"

#include <algorithm>
#include <array>

#include "base/json_text.hpp"
#include "control/identity/app_passwords.hpp"
#include "control/limits/exchange.hpp"
#include "control/work.hpp"
#include "wire/agents.hpp"
#include "wire/limits.hpp"
#include "wire/link.hpp"
#include "wire/problem.hpp"

namespace podplay::api {
namespace {

using wire::Json;

constexpr const char* kDone = "{}";

// One request of an agent that has a certificate.
struct Call {
  const AgentName& agent;
  const Json& body;
  const control::HungUp& hung_up;
};

std::string to_text(const control::Enrolment& enrolment) {
  return json_text(
      Json{{"certificate", enrolment.certificate}, {"expires", to_rfc3339(enrolment.expires)}});
}

Result<std::string> enrol(control::Context& context, const Json& asked) {
  TRY(const auto enrolment,
      control::enrol(context, wire::text_or(asked, "service"), wire::text_or(asked, "host"),
                     Secret(wire::text_or(asked, "secret")), wire::text_or(asked, "request")));
  return to_text(enrolment);
}

Result<std::string> renew_certificate(control::Context& context, const Call& call) {
  TRY(const auto enrolment,
      control::renew(context, call.agent, wire::text_or(call.body, "request")));
  return to_text(enrolment);
}

Result<std::string> give_work(control::Context& context, const Call& call) {
  TRY(const auto question, wire::question_from_json(call.body));
  return control::give_work(context, call.agent, question, call.hung_up);
}

Result<std::string> take_report(control::Context& context, const Call& call) {
  TRY(const auto report, wire::report_from_json(call.body));
  TRY(control::take_report(context, call.agent, report));
  return kDone;
}

Result<std::string> give_commands(control::Context& context, const Call& call) {
  TRY(const auto question, wire::commands_question_from_json(call.body));
  return json_text(
      wire::to_json(control::give_commands(context, call.agent, question, call.hung_up)));
}

Result<std::string> take_result(control::Context& context, const Call& call) {
  TRY(auto result, wire::command_result_from_json(call.body));
  context.hub.finish_command(call.agent, std::move(result));
  return kDone;
}

Result<std::string> take_login_news(control::Context& context, const Call& call) {
  TRY(const auto news, wire::login_news_from_json(call.body));
  TRY(control::note_app_password_uses(context, news.uses));
  return json_text(wire::to_json(context.login_exchange.take(call.agent, news)));
}

Result<std::string> give_logins(control::Context& context, const Call& call) {
  TRY(const auto question, wire::login_question_from_json(call.body));
  return json_text(wire::to_json(control::give_logins(context, call.agent, question)));
}

// A path for agents that have a certificate.
struct LinkRoute {
  std::string_view path;
  const wire::Shape* body;
  Result<std::string> (*handler)(control::Context&, const Call&);
};

constexpr std::array kLinkRoutes = std::to_array<LinkRoute>({
    {.path = "/link/renew", .body = &wire::kRenew, .handler = renew_certificate},
    {.path = "/link/work", .body = &wire::kWork, .handler = give_work},
    {.path = "/link/report", .body = &wire::kReport, .handler = take_report},
    {.path = "/link/commands", .body = &wire::kCommands, .handler = give_commands},
    {.path = "/link/result", .body = &wire::kCommandResult, .handler = take_result},
    {.path = "/link/logins/tell", .body = &wire::kLoginNews, .handler = take_login_news},
    {.path = "/link/logins/hear", .body = &wire::kLoginQuestion, .handler = give_logins},
});

// The body of the answer, as JSON text.
Result<std::string> answer(control::Context& context, const net::HttpRequest& request) {
  if (request.method != "POST") {
    return fail(ErrorKind::not_found, "no_such_path", "the link takes POST only");
  }
  if (request.path == "/link/enrol") {
    TRY(const auto asked, wire::read_body(wire::kEnrol, request.body));
    return enrol(context, asked);
  }
  const auto agent = parse_agent_name(request.peer_name);
  if (!agent) {
    return fail(ErrorKind::unauthorized, "no_certificate",
                "this needs an agent's client certificate", "enrol first");
  }
  const auto route = std::ranges::find(kLinkRoutes, request.path, &LinkRoute::path);
  if (route == kLinkRoutes.end()) {
    return fail(ErrorKind::not_found, "no_such_path", "the link has no " + request.path);
  }
  TRY(const auto body, wire::read_body(*route->body, request.body));
  return route->handler(context, {*agent, body, request.hung_up});
}

}  // namespace

net::HttpResponse handle_link(control::Context& context, const net::HttpRequest& request) {
  const auto body = answer(context, request);
  if (body) {
    return {200, {{"Content-Type", "application/json"}}, *body};
  }
  context.log.warn(
      "refused an agent's request",
      {{"path", request.path}, {"peer", request.peer_name}, {"why", describe(body.error())}});
  return {wire::http_status(body.error()),
          {{"Content-Type", "application/problem+json"}},
          json_text(wire::to_problem(body.error(), ""))};
}

}  // namespace podplay::api
