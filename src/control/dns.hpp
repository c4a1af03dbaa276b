// The zones that follow from domains and settings: pure functions.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

namespace podplay::control {

struct ZoneRecord {
  // Relative to the zone; "@" is the apex (RFC 1035 section 5.1).
  std::string name;
  // Seconds.
  std::int64_t ttl = 3600;
  // "A", "MX", ...
  std::string type;
  // Presentation format.
  std::string data;
};

struct Zone {
  // Without trailing dot.
  std::string name;
  // SOA MNAME, absolute without trailing dot.
  std::string primary;
  // SOA RNAME, as a name without trailing dot.
  std::string contact;
  // Sorted.
  std::vector<ZoneRecord> records;
};

struct Secondary {
  // In lower case; empty: no record names it.
  std::string name;
  std::string address;
};

struct ZoneFacts {
  // PODPLAY_MAIL_SERVER_NAME
  std::string mail_server;
  // an e-mail address
  std::string contact;
  // may be empty
  std::string ipv4;
  // may be empty
  std::string ipv6;
  // PODPLAY_HOST_NAME
  std::string control_host;
  // What sends mail besides the MX, and what becomes of mail from others: "include:a.test -all".
  std::string spf = "-all";
  // PODPLAY_DNS_SECONDARIES
  std::vector<Secondary> secondaries{};
};

// "ns2.example.net=192.0.2.53", or only the address.
Secondary parse_secondary(const std::string& text);

// SOA, NS of this server and of the secondaries, addresses, MX, SPF (RFC 7208), DMARC (RFC 7489),
// SRV for mail (RFC 6186, RFC 8314 section 5.1), autoconfig and autodiscover.
Zone make_zone(const std::string& domain, const ZoneFacts& facts);
// One zone for each of the facts' addresses, with the PTR record at the apex. Its name is exactly
// that of the address below in-addr.arpa (RFC 1035 section 3.5) or ip6.arpa (RFC 3596 section 2.5):
// a zone of the whole /24 or /64 would deny the names of other people's addresses.
std::vector<Zone> make_reverse_zones(const ZoneFacts& facts);

}  // namespace podplay::control
