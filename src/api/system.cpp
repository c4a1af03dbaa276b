// Anybody may ask whether the pod lives and is ready, so those answers have no addresses, no
// reasons and no numbers of rows.
#include "api/system.hpp"

#include "api/answers.hpp"
#include "api/certificates.hpp"
#include "api/query.hpp"
#include "control/feed.hpp"
#include "control/watch/health/history.hpp"
#include "control/watch/restart.hpp"
#include "control/watch/status.hpp"
#include "guard/login_limiter.hpp"
#include "wire/link.hpp"
#include "wire/services.hpp"

namespace podplay::api {
namespace {

Json verdict(const std::string& service, const HealthCheck& check) {
  return {{"service", service}, {"name", check.name}, {"result", to_text(check.result)}};
}

// Strangers are told that something is exposed, not what.
Json verdicts(const control::SystemStatus& status) {
  Json list = Json::array();
  for (const ServiceStatus& service : status.services) {
    for (const HealthCheck& check : service.checks) {
      list.push_back(verdict(std::string(to_text(service.agent.service)), check));
    }
  }
  HealthCheck exposure{.name = "exposure"};
  for (const ServiceCheck& one : status.control.checks) {
    if (one.check.name.starts_with("exposure-")) {
      exposure.result = std::max(exposure.result, one.check.result);
    } else {
      list.push_back(verdict(one.service, one.check));
    }
  }
  list.push_back(verdict("control", exposure));
  return list;
}

}  // namespace

Result<Answer> get_livez(control::Context&, Request&) {
  return Answer{.body = {{"live", true}, {"version", PODPLAY_VERSION}}};
}

// The program answers only after the store is open and the link listens.
Result<Answer> get_startupz(control::Context&, Request&) {
  return Answer{.body = {{"started", true}}};
}

Result<Answer> get_readyz(control::Context& context, Request& request) {
  const control::SystemStatus status = control::get_status(context);
  Json services = Json::array();
  for (const ServiceStatus& service : status.services) {
    Json one = wire::to_json(service);
    // Anyone may ask this, but not everyone may see addresses and the number of rows.
    one.erase("feed_seq");
    one.erase("set_aside");
    one.erase("reasons");
    one.erase("checks");
    one.erase("repairs");
    one.erase("sent");
    services.push_back(std::move(one));
  }
  Json body{{"ready", status.ready}, {"services", std::move(services)}};
  if (request.http.query.contains("verbose")) {
    body["checks"] = verdicts(status);
  }
  return Answer{.body = std::move(body), .status = status.ready ? 200 : 503};
}

Result<Answer> get_status(control::Context& context, Request&) {
  const control::SystemStatus status = control::get_status(context);
  Json services = Json::array();
  for (const ServiceStatus& service : status.services) {
    services.push_back(wire::to_json(service));
  }
  Json checks = Json::array();
  for (const ServiceCheck& one : status.control.checks) {
    Json check = wire::to_json(one.check);
    check["service"] = one.service;
    checks.push_back(std::move(check));
  }
  TRY(auto certificates, certificate_troubles(context));
  TRY(const auto generation, control::store_generation(context));
  const guard::GuessingFigures guessing = context.logins.figures();
  return Answer{.body = {{"ready", status.ready},
                         {"version", PODPLAY_VERSION},
                         {"generation", generation},
                         {"services", std::move(services)},
                         {"control",
                          {{"health", status.control.health},
                           {"reasons", status.control.reasons},
                           {"checks", std::move(checks)}}},
                         {"certificates", std::move(certificates)},
                         {"guessing",
                          {{"failed", guessing.failed},
                           {"refused", guessing.refused},
                           {"accounts", guessing.accounts},
                           {"addresses", guessing.addresses},
                           {"locked_accounts", guessing.locked_accounts},
                           {"locked_addresses", guessing.locked_addresses}}}}};
}

Result<Answer> list_history(control::Context& context, Request& request) {
  TRY(const auto page, read_page(request));
  TRY(const auto since, read_time(request, "since"));
  TRY(const auto changes,
      control::list_health_history(
          context, {.service = read_text(request, "service"), .since = since.value_or(WallTime{})},
          page.after, page.limit));
  return page_answer<HealthChange>(changes, page, wire::to_json,
                                   [](const HealthChange& change) { return change.id; });
}

Result<Answer> restart_service(control::Context& context, Request& request) {
  const std::string service = wire::text_or(request.body, "service");
  const std::string daemon = wire::text_or(request.body, "daemon");
  TRY(control::restart_service(context, request.actor, service, daemon));
  return Answer{.body = {{"service", service}, {"daemon", daemon}}};
}

}  // namespace podplay::api
