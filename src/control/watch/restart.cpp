// The service's agent restarts its daemons and answers when they are ready; this file asks it.
#include "control/watch/restart.hpp"

#include <nlohmann/json.hpp>

#include "control/audit.hpp"

namespace podplay::control {
namespace {

constexpr auto kRestartDeadline = std::chrono::seconds(30);

}  // namespace

Status restart_service(Context& context, const Actor& actor, const std::string& name,
                       const std::string& daemon) {
  TRY(const auto service, parse_service(name));
  const nlohmann::json arguments{{"daemon", daemon}};
  TRY(context.hub.command(service, "restart", arguments.dump(), actor.request_id(),
                          kRestartDeadline));
  note_action(context, actor, "SERVICE_RESTARTED", daemon.empty() ? name : name + "." + daemon);
  return {};
}

}  // namespace podplay::control
