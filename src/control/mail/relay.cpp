// The password goes from the environment into this one file of mode 0400, and nowhere else: it is
// in no snapshot, no release and no log.
#include "control/mail/relay.hpp"

#include <fmt/format.h>

namespace podplay::control {

Status prepare_relay(Context& context) {
  const Settings& settings = context.settings;
  const std::string folder =
      fmt::format("{}/{}", context.paths.enrolment, to_text(ServiceName::mail));
  const std::string path = folder + "/relay";
  const std::string& user = settings.text("PODPLAY_MAIL_RELAY_USER");
  if (user.empty() || settings.text("PODPLAY_MAIL_OUTBOUND") != "relay") {
    return context.files.remove_tree(path);
  }
  TRY(context.files.make_dirs(folder, 0700));
  // Postfix asks for the name without its port, and without the brackets of an address.
  std::string host = settings.text("PODPLAY_MAIL_RELAY");
  host =
      host.starts_with('[') ? host.substr(1, host.find(']') - 1) : host.substr(0, host.find(':'));
  return context.files.write_atomic(
      path,
      fmt::format("{} {}:{}\n", host, user,
                  settings.secret("PODPLAY_MAIL_RELAY_PASSWORD").reveal()),
      0400);
}

}  // namespace podplay::control
