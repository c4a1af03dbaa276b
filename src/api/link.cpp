// /link/enrol, /link/renew, /link/work, /link/report, /link/commands, /link/result
#include "api/link.hpp"

#include "base/json_text.hpp"
#include "control/work.hpp"
#include "wire/agents.hpp"
#include "wire/link.hpp"
#include "wire/problem.hpp"

namespace podplay::api {
namespace {

using wire::Json;

Result<Json> enrolment_json(const Result<control::Enrolment>& enrolment) {
  if (!enrolment) {
    return std::unexpected(enrolment.error());
  }
  return Json{{"certificate", enrolment->certificate}, {"expires", to_rfc3339(enrolment->expires)}};
}

Result<Json> done(const Status& status) {
  if (!status) {
    return std::unexpected(status.error());
  }
  return Json::object();
}

Result<Json> enrol(control::Context& context, const std::string& body) {
  TRY(const auto asked, wire::read_body(wire::kEnrol, body));
  return enrolment_json(
      control::enrol(context, wire::text_or(asked, "service"), wire::text_or(asked, "host"),
                     Secret(wire::text_or(asked, "secret")), wire::text_or(asked, "request")));
}

Result<Json> renew_certificate(control::Context& context, const AgentName& agent,
                               const std::string& body) {
  TRY(const auto asked, wire::read_body(wire::kRenew, body));
  return enrolment_json(control::renew(context, agent, wire::text_or(asked, "request")));
}

Result<std::string> work(control::Context& context, const AgentName& agent,
                         const std::string& body) {
  TRY(const auto asked, wire::read_body(wire::kWork, body));
  TRY(const auto question, wire::question_from_json(asked));
  return control::give_work(context, agent, question);
}

Result<Json> report(control::Context& context, const AgentName& agent, const std::string& body) {
  TRY(const auto told, wire::read_body(wire::kReport, body));
  TRY(const auto parsed, wire::report_from_json(told));
  return done(control::take_report(context, agent, parsed));
}

Result<Json> commands(control::Context& context, const AgentName& agent, const std::string& body) {
  TRY(const auto asked, wire::read_body(wire::kCommands, body));
  TRY(const auto question, wire::commands_question_from_json(asked));
  return wire::to_json(control::give_commands(context, agent, question));
}

Result<Json> result(control::Context& context, const AgentName& agent, const std::string& body) {
  TRY(const auto told, wire::read_body(wire::kCommandResult, body));
  TRY(auto parsed, wire::command_result_from_json(told));
  context.hub.finish_command(agent, std::move(parsed));
  return Json::object();
}

Result<std::string> text_of(const Result<Json>& body) {
  TRY(const auto value, body);
  return json_text(value);
}

// The body of the answer, as JSON text.
Result<std::string> answer(control::Context& context, const net::HttpRequest& request) {
  if (request.method != "POST") {
    return fail(ErrorKind::not_found, "no_such_path", "the link takes POST only");
  }
  if (request.path == "/link/enrol") {
    return text_of(enrol(context, request.body));
  }
  const auto agent = parse_agent_name(request.peer_name);
  if (!agent) {
    return fail(ErrorKind::unauthorized, "no_certificate",
                "this needs an agent's client certificate", "enrol first");
  }
  if (request.path == "/link/renew") {
    return text_of(renew_certificate(context, *agent, request.body));
  }
  if (request.path == "/link/work") {
    return work(context, *agent, request.body);
  }
  if (request.path == "/link/report") {
    return text_of(report(context, *agent, request.body));
  }
  if (request.path == "/link/commands") {
    return text_of(commands(context, *agent, request.body));
  }
  if (request.path == "/link/result") {
    return text_of(result(context, *agent, request.body));
  }
  return fail(ErrorKind::not_found, "no_such_path", "the link has no " + request.path);
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
  return {wire::http_status(body.error().kind),
          {{"Content-Type", "application/problem+json"}},
          json_text(wire::to_problem(body.error(), ""))};
}

}  // namespace podplay::api
