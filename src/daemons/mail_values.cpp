// Turns a MailSnapshot into the values of mail's templates, so that templates need no arithmetic.
#include "daemons/mail_values.hpp"

#include "model/user.hpp"

namespace podplay::daemons {
namespace {

// Dovecot reports when a mailbox is nine tenths full (dovecot.conf). Below this many times the
// largest message, one message may need more than the last tenth, so Dovecot is asked each time.
constexpr std::int64_t kNearlyFull = 10;
// The port with TLS from the start (RFC 8314 section 7.3).
constexpr std::string_view kSubmissions = ":465";

// The brackets in "[host]:port" mean: no MX look-up (postconf(5), relayhost).
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

// postconf(5), smtp_tls_security_level. "secure" compares the certificate with the name in
// relayhost; "verify" would trust what DNS says.
std::string tls_level(const std::string& relay_tls) {
  return relay_tls == "verify" ? "secure" : relay_tls;
}

}  // namespace

Values mail_values(const MailSnapshot& snapshot) {
  return {{"host_name", snapshot.host_name},
          {"admin_email", snapshot.admin_email},
          {"message_size", snapshot.message_size},
          {"small_quota", kNearlyFull * snapshot.message_size},
          {"default_quota", kDefaultQuota},
          {"certificate", certificate_values(snapshot.certificate)},
          {"debug", is_debug(snapshot.log_level)},
          {"outbound_none", snapshot.outbound == "none"},
          {"outbound_relay", snapshot.outbound == "relay"},
          {"outbound_direct", snapshot.outbound == "direct"},
          {"token_issuer", snapshot.token_issuer},
          {"relay_target", relay_target(snapshot.relay_host)},
          {"relay_tls_level", tls_level(snapshot.relay_tls)},
          {"relay_tls_at_once", snapshot.relay_host.ends_with(kSubmissions)},
          {"relay_login", snapshot.relay_login}};
}

}  // namespace podplay::daemons
