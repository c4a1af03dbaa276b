// MailSnapshot as template values.
#include "daemons/mail_values.hpp"

namespace podplay::daemons {
namespace {

// "[host]:port": no MX look-up (postconf(5), relayhost).
std::string relay_target(const std::string& relay) {
  const std::size_t colon = relay.rfind(':');
  if (relay.empty() || relay.starts_with('[')) return relay;
  if (colon == std::string::npos) return "[" + relay + "]";
  return "[" + relay.substr(0, colon) + "]" + relay.substr(colon);
}

}  // namespace

Values mail_values(const MailSnapshot& snapshot) {
  Values domains = Values::array();
  for (const MailDomain& domain : snapshot.domains) {
    domains.push_back({{"name", domain.name}, {"certificate", certificate_values(domain.certificate)}});
  }
  return {{"host_name", snapshot.host_name},
          {"message_size", snapshot.message_size},
          {"certificate", certificate_values(snapshot.certificate)},
          {"domains", std::move(domains)},
          {"debug", is_debug(snapshot.log_level)},
          {"outbound_none", snapshot.outbound == "none"},
          {"outbound_relay", snapshot.outbound == "relay"},
          {"outbound_direct", snapshot.outbound == "direct"},
          {"relay_target", relay_target(snapshot.relay_host)}};
}

}  // namespace podplay::daemons
