// Health, status, logs, revisions, settings and audit.

#include "api/handlers.hpp"
#include "api/outcome.hpp"
#include "api/routes.hpp"
#include "base/numbers.hpp"
#include "control/audit.hpp"
#include "control/watch/logs.hpp"
#include "control/watch/restart.hpp"
#include "control/watch/revisions.hpp"
#include "control/watch/status.hpp"
#include "wire/link.hpp"

namespace podplay::api {
namespace {

Json revision_json(const control::RevisionOutcome& outcome) {
  const auto& row = outcome.revision;
  Json body = applied_json(outcome);
  body["revision"] = row.id;
  body["at"] = to_rfc3339(row.at);
  body["actor"] = row.actor;
  body["request_id"] = row.request_id;
  body["summary"] = row.summary;
  return body;
}

}  // namespace

Result<Answer> get_livez(control::Context&, Request&) {
  return Answer{200, {{"live", true}, {"version", PODPLAY_VERSION}}, ""};
}

Result<Answer> get_readyz(control::Context& context, Request&) {
  const control::SystemStatus status = control::get_status(context);
  Json services = Json::array();
  for (const ServiceStatus& service : status.services) {
    Json one = wire::to_json(service);
    one.erase("feed_seq");
    services.push_back(std::move(one));
  }
  return Answer{
      status.ready ? 200 : 503, {{"ready", status.ready}, {"services", std::move(services)}}, ""};
}

Result<Answer> get_openapi(control::Context&, Request&) { return Answer{200, openapi(), ""}; }

Result<Answer> list_revisions(control::Context& context, Request& request) {
  TRY(const auto page, read_page(request));
  TRY(const auto revisions,
      control::list_revisions(context, static_cast<Revision>(page.after), page.limit));
  return page_answer<control::RevisionOutcome>(
      revisions, page, revision_json, [](const control::RevisionOutcome& outcome) {
        return static_cast<std::int64_t>(outcome.revision.id);
      });
}

Result<Answer> get_revision(control::Context& context, Request& request) {
  const std::string& text = request.parameter;
  const auto id = parse_number<Revision>(text);
  if (!id) {
    return fail_faults({{"number", "bad_number", "'" + text.substr(0, 40) + "' is no revision",
                         "use a whole number"}});
  }
  TRY(const auto outcome,
      control::get_revision(context, request.actor, *id, std::chrono::seconds(request.wait)));
  return Answer{200, revision_json(outcome), ""};
}

Result<Answer> get_settings(control::Context& context, Request&) {
  Json items = Json::array();
  for (const SettingRow& row : context.settings.rows()) {
    // those are the business of `podplay up` on the host
    if (row.applies == "host") {
      continue;
    }
    std::string value = context.settings.text(row);
    if (row.type == SettingType::secret && !value.empty()) {
      value = "(set)";
    }
    items.push_back({{"name", row.name},
                     {"value", std::move(value)},
                     {"default", row.default_value},
                     {"help", row.help}});
  }
  return Answer{200, {{"items", std::move(items)}, {"next", nullptr}}, ""};
}

Result<Answer> list_audit(control::Context& context, Request& request) {
  TRY(const auto page, read_page(request));
  TRY(const auto events, control::list_audit(context, page.after, page.limit));
  return page_answer<store::AuditRow>(
      events, page,
      [](const store::AuditRow& row) {
        return Json{{"id", row.id},
                    {"at", to_rfc3339(row.at)},
                    {"event", row.event},
                    {"actor", row.actor},
                    {"subject", row.subject},
                    {"request_id", row.request_id},
                    {"remote_address", row.remote_address}};
      },
      [](const store::AuditRow& row) { return row.id; });
}

Result<Answer> get_status(control::Context& context, Request&) {
  const control::SystemStatus status = control::get_status(context);
  Json services = Json::array();
  for (const ServiceStatus& service : status.services) {
    services.push_back(wire::to_json(service));
  }
  return Answer{
      200,
      {{"ready", status.ready}, {"version", PODPLAY_VERSION}, {"services", std::move(services)}},
      ""};
}

Result<Answer> restart_service(control::Context& context, Request& request) {
  const std::string service = wire::text_or(request.body, "service");
  const std::string daemon = wire::text_or(request.body, "daemon");
  TRY(const auto done, control::restart_service(context, request.actor, service, daemon));
  return Answer{
      200,
      {{"service", service}, {"daemon", daemon}, {"result", Json::parse(done, nullptr, false)}},
      ""};
}

Result<Answer> get_logs(control::Context& context, Request& request) {
  TRY(const auto lines, read_number(request, "lines", 100, 1, 1000));
  const auto text = [&](const char* name) {
    const auto found = request.http.query.find(name);
    return found == request.http.query.end() ? std::string() : found->second;
  };
  TRY(const auto tails,
      control::tail_logs(context, text("service"), text("log"), static_cast<int>(lines)));
  Json items = Json::array();
  for (const control::LogTail& tail : tails) {
    items.push_back({{"log", tail.log}, {"lines", tail.lines}});
  }
  return Answer{200, {{"items", std::move(items)}, {"next", nullptr}}, ""};
}

}  // namespace podplay::api
