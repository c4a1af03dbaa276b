// The pod as a whole: whether it lives, whether it is ready, restarts.
#include "api/system.hpp"

#include "api/answers.hpp"
#include "api/certificates.hpp"
#include "control/watch/restart.hpp"
#include "control/watch/status.hpp"
#include "guard/login_limiter.hpp"
#include "wire/link.hpp"

namespace podplay::api {

Result<Answer> get_livez(control::Context&, Request&) {
  return Answer{.body = {{"live", true}, {"version", PODPLAY_VERSION}}};
}

Result<Answer> get_readyz(control::Context& context, Request&) {
  const control::SystemStatus status = control::get_status(context);
  Json services = Json::array();
  for (const ServiceStatus& service : status.services) {
    Json one = wire::to_json(service);
    // Anyone may ask this, but not everyone may see addresses and the number of rows.
    one.erase("feed_seq");
    one.erase("set_aside");
    services.push_back(std::move(one));
  }
  return Answer{.body = {{"ready", status.ready}, {"services", std::move(services)}},
                .status = status.ready ? 200 : 503};
}

Result<Answer> get_status(control::Context& context, Request&) {
  const control::SystemStatus status = control::get_status(context);
  Json services = Json::array();
  for (const ServiceStatus& service : status.services) {
    services.push_back(wire::to_json(service));
  }
  TRY(auto certificates, certificate_troubles(context));
  const guard::GuessingFigures guessing = context.logins.figures();
  return Answer{.body = {{"ready", status.ready},
                         {"version", PODPLAY_VERSION},
                         {"services", std::move(services)},
                         {"certificates", std::move(certificates)},
                         {"guessing",
                          {{"failed", guessing.failed},
                           {"refused", guessing.refused},
                           {"accounts", guessing.accounts},
                           {"addresses", guessing.addresses},
                           {"locked_accounts", guessing.locked_accounts},
                           {"locked_addresses", guessing.locked_addresses}}}}};
}

Result<Answer> restart_service(control::Context& context, Request& request) {
  const std::string service = wire::text_or(request.body, "service");
  const std::string daemon = wire::text_or(request.body, "daemon");
  TRY(control::restart_service(context, request.actor, service, daemon));
  return Answer{.body = {{"service", service}, {"daemon", daemon}}};
}

}  // namespace podplay::api
