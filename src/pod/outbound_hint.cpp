// Nothing here is tried: that would send packets to other people's servers.
#include "pod/outbound_hint.hpp"

#include <fmt/format.h>

namespace podplay::pod {

std::string outbound_hint(const Settings& settings) {
  const std::string& outbound = settings.text("PODPLAY_MAIL_OUTBOUND");
  if (outbound == "direct") {
    const std::string& ipv4 = settings.text("PODPLAY_PUBLIC_IPV4");
    return fmt::format(
        "Mail for others leaves directly. Other servers take it only when your provider lets port "
        "25 out and the reverse name (PTR) of {} is {}; see docs/mail.md.",
        ipv4.empty() ? settings.text("PODPLAY_PUBLIC_IPV6") : ipv4,
        settings.text("PODPLAY_MAIL_SERVER_NAME"));
  }
  if (outbound == "relay" && settings.text("PODPLAY_MAIL_SPF").empty()) {
    return fmt::format(
        "Mail for others leaves by {}. Set PODPLAY_MAIL_SPF to the mechanism that the relay's "
        "provider names (include:...); until then our SPF records end in ~all; see docs/mail.md.",
        settings.text("PODPLAY_MAIL_RELAY"));
  }
  return {};
}

}  // namespace podplay::pod
