// The service's agents restart their daemons, on every host, and answer when they are ready; this
// file asks them.
#include "control/watch/restart.hpp"

#include "control/audit.hpp"
#include "control/every_host.hpp"

namespace podplay::control {
namespace {

constexpr auto kRestartDeadline = std::chrono::seconds(30);

}  // namespace

Status restart_service(Context& context, const Actor& actor, const std::string& name,
                       const std::string& daemon) {
  TRY(const auto service, parse_service(name));
  const auto restarted = ask_every_host<std::string>(
      context,
      {.service = service,
       .verb = "restart",
       .arguments = {{"daemon", daemon}},
       .request_id = actor.request_id(),
       .longest = kRestartDeadline},
      [](const std::string& answer) { return Result<std::string>(answer); });
  const std::string subject = daemon.empty() ? name : name + "." + daemon;
  if (restarted) {
    note_action(context, actor, "SERVICE_RESTARTED", subject);
    return {};
  }
  if (restarted.error().code != "agent_away") {
    // Daemons may have ended all the same.
    note_failed_action(context, actor, "SERVICE_RESTARTED", subject, restarted.error());
  }
  return std::unexpected(restarted.error());
}

}  // namespace podplay::control
