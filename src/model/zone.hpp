// The content of a zone, as the rows of the feed carry it: serial, SOA names and RRsets. Everything
// in it is sorted, so equal zones have equal members.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

namespace podplay {

// All records of one name and type (RFC 2181 section 5).
struct Rrset {
  // Lower case, relative to the zone; "@" is the apex (RFC 1035 section 5.1).
  std::string name;
  // "A", "MX", "TYPE65280" (RFC 3597).
  std::string type;
  // Seconds.
  std::int64_t ttl = 3600;
  // Presentation format, sorted. Domain names in it are absolute, with the trailing dot.
  std::vector<std::string> data;

  bool operator==(const Rrset&) const = default;
};

struct ZoneContent {
  // Lower case, without trailing dot.
  std::string name;
  // RFC 1982.
  std::uint32_t serial = 1;
  // SOA MNAME, absolute, without trailing dot.
  std::string primary;
  // SOA RNAME, as a name, without trailing dot.
  std::string contact;
  // Sorted by name and type, without the SOA. Each name and type occurs once.
  std::vector<Rrset> rrsets;

  bool operator==(const ZoneContent&) const = default;
};

}  // namespace podplay
