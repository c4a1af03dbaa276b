// /link/enrol, /link/renew, /link/work, /link/report, /link/result
#include "api/link.hpp"

#include "base/json_text.hpp"
#include "control/work.hpp"
#include "wire/link.hpp"
#include "wire/problem.hpp"
#include "wire/shapes.hpp"

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
  return enrolment_json(control::enrol(context, wire::text_or(asked, "service"),
                                       Secret(wire::text_or(asked, "secret")),
                                       wire::text_or(asked, "request")));
}

Result<Json> renew_certificate(control::Context& context, ServiceName service,
                               const std::string& body) {
  TRY(const auto asked, wire::read_body(wire::kRenew, body));
  return enrolment_json(control::renew(context, service, wire::text_or(asked, "request")));
}

Result<Json> work(control::Context& context, ServiceName service, const std::string& body) {
  TRY(const auto asked, wire::read_body(wire::kWork, body));
  TRY(const auto question, wire::question_from_json(asked));
  TRY(const auto answer, control::give_work(context, service, question));
  return wire::to_json(answer);
}

Result<Json> report(control::Context& context, ServiceName service, const std::string& body) {
  TRY(const auto told, wire::read_body(wire::kReport, body));
  TRY(const auto parsed, wire::report_from_json(told));
  return done(control::take_report(context, service, parsed));
}

Result<Json> result(control::Context& context, ServiceName service, const std::string& body) {
  TRY(const auto told, wire::read_body(wire::kCommandResult, body));
  TRY(auto parsed, wire::command_result_from_json(told));
  context.hub.finish_command(service, std::move(parsed));
  return Json::object();
}

Result<Json> answer(control::Context& context, const net::HttpRequest& request) {
  if (request.method != "POST") {
    return fail(ErrorKind::not_found, "no_such_path", "the link takes POST only");
  }
  if (request.path == "/link/enrol") {
    return enrol(context, request.body);
  }
  const auto service = parse_service(request.peer_name);
  if (!service) {
    return fail(ErrorKind::unauthorized, "no_certificate",
                "this needs a service's client certificate", "enrol first");
  }
  if (request.path == "/link/renew") {
    return renew_certificate(context, *service, request.body);
  }
  if (request.path == "/link/work") {
    return work(context, *service, request.body);
  }
  if (request.path == "/link/report") {
    return report(context, *service, request.body);
  }
  if (request.path == "/link/result") {
    return result(context, *service, request.body);
  }
  return fail(ErrorKind::not_found, "no_such_path", "the link has no " + request.path);
}

}  // namespace

net::HttpResponse handle_link(control::Context& context, const net::HttpRequest& request) {
  const auto body = answer(context, request);
  if (body) {
    return {200, {{"Content-Type", "application/json"}}, json_text(*body)};
  }
  context.log.warn(
      "refused an agent's request",
      {{"path", request.path}, {"peer", request.peer_name}, {"why", describe(body.error())}});
  return {wire::http_status(body.error().kind),
          {{"Content-Type", "application/problem+json"}},
          json_text(wire::to_problem(body.error(), ""))};
}

}  // namespace podplay::api
