// The zones that follow from domains and settings: pure functions.
#pragma once

#include <string>
#include <vector>

#include "model/snapshot.hpp"
#include "model/user.hpp"

namespace podplay::control {

struct ZoneFacts {
  // PODPLAY_MAIL_SERVER_NAME
  std::string mail_server;
  // an e-mail address
  std::string contact;
  // may be empty
  std::string ipv4;
  // may be empty
  std::string ipv6;
  std::uint32_t serial = 1;
};

// SOA and NS, addresses, MX, SPF (RFC 7208), DMARC (RFC 7489), SRV for mail (RFC 6186, RFC 8314
// section 5.1), autoconfig and autodiscover.
Zone make_zone(const std::string& domain, const ZoneFacts& facts);
// The zone that holds the PTR records of the facts' addresses: in-addr.arpa for IPv4 (its /24),
// ip6.arpa for IPv6 (/64).
std::vector<Zone> make_reverse_zones(const ZoneFacts& facts);

}  // namespace podplay::control
