// MailSnapshot as template values.
#include "daemons/mail_values.hpp"

#include <algorithm>

#include "model/user.hpp"

namespace podplay::daemons {
namespace {

// Dovecot tells when a mailbox is nine tenths full (dovecot.conf): below this quota, one message
// may be more than the last tenth.
constexpr std::int64_t kNearlyFull = 10;

// "[host]:port": no MX look-up (postconf(5), relayhost).
std::string relay_target(const std::string& relay) {
  const std::size_t colon = relay.rfind(':');
  if (relay.empty() || relay.starts_with('[')) {
    return relay;
  }
  if (colon == std::string::npos) {
    return "[" + relay + "]";
  }
  return "[" + relay.substr(0, colon) + "]" + relay.substr(colon);
}

// The names that a domain's certificate is shown for; the server's own name has a certificate of
// its own.
Values shown_for(const MailDomain& domain, const MailSnapshot& snapshot) {
  Values names = Values::array();
  for (const std::string& name : {domain.name, "mail." + domain.name}) {
    const bool anothers =
        name != domain.name &&
        std::ranges::find(snapshot.domains, name, &MailDomain::name) != snapshot.domains.end();
    if (name != snapshot.host_name && !anothers) {
      names.push_back({{"name", name}, {"certificate", certificate_values(domain.certificate)}});
    }
  }
  return names;
}

}  // namespace

Values mail_values(const MailSnapshot& snapshot) {
  Values names = Values::array();
  for (const MailDomain& domain : snapshot.domains) {
    for (Values& name : shown_for(domain, snapshot)) {
      names.push_back(std::move(name));
    }
  }
  return {{"host_name", snapshot.host_name},
          {"admin_email", snapshot.admin_email},
          {"message_size", snapshot.message_size},
          {"small_quota", kNearlyFull * snapshot.message_size},
          {"default_quota", kDefaultQuota},
          {"certificate", certificate_values(snapshot.certificate)},
          {"names", std::move(names)},
          {"debug", is_debug(snapshot.log_level)},
          {"outbound_none", snapshot.outbound == "none"},
          {"outbound_relay", snapshot.outbound == "relay"},
          {"outbound_direct", snapshot.outbound == "direct"},
          {"relay_target", relay_target(snapshot.relay_host)}};
}

}  // namespace podplay::daemons
