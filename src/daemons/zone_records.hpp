// Turns a zone's content into text for BIND's programs and back: values of the zone template, lines
// for nsupdate, records that dig or named-compilezone printed. All functions are pure.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.hpp"
#include "daemons/rendering.hpp"
#include "model/zone.hpp"

namespace podplay::daemons {

// The seven fields of an SOA (RFC 1035 section 3.3.13), and the TTL of its record.
struct Soa {
  std::int64_t ttl = 0;
  // Names without trailing dot, lower case.
  std::string primary;
  std::string contact;
  std::uint32_t serial = 0;
  // Refresh, retry, expire, minimum: "3600 900 1209600 300" or "1H 15M 2W 5M".
  std::string timers;

  bool operator==(const Soa&) const = default;
};

// The records that a server holds or should hold. RRsets that named makes itself for DNSSEC are
// left out.
struct ZoneRecords {
  Soa soa;
  // Sorted by name and type.
  std::vector<Rrset> rrsets;
};

std::optional<Soa> parse_soa(std::string_view data);
// The served SOA with the names and the serial of `zone`; its timers and TTL are the template's.
Soa updated_soa(Soa served, const ZoneContent& zone);

// Checks that every part can stand on its line, in a file name and in a command, and is read back
// as the same. An Error `invalid` names the first part that cannot.
Status check_zone_text(const ZoneContent& zone);

// For etc/bind/zone.tmpl.
Values zone_values(const ZoneContent& zone);

// Lines "owner TTL class type data" with absolute owners, as `dig` and `named-compilezone -s full`
// print them. An Error `unavailable` when the first line has no SOA: the text was cut or is not a
// list of records.
Result<ZoneRecords> parse_records(std::string_view text, const std::string& zone);

// The commands of nsupdate that turn `before` into `after`, to be sent as one message (RFC 2136).
std::vector<std::string> update_lines(const std::string& zone, const std::vector<Rrset>& before,
                                      const std::vector<Rrset>& after, const Soa& soa);

// The RRsets of `after` that are new or different from `before`, and, without data, those of
// `before` whose name and type are not in `after`.
std::vector<Rrset> changed_rrsets(const std::vector<Rrset>& before,
                                  const std::vector<Rrset>& after);

// A sentence for each RRset and SOA field that differs; none when they are the same.
std::vector<std::string> differences(const ZoneRecords& served, const ZoneRecords& wanted);

// At most `most` of the changed RRsets whose answers prove that a change is served. No delegation
// (RFC 1034 section 4.2.1) or wildcard answers in their place.
std::vector<Rrset> provable(const std::vector<Rrset>& changed, const std::vector<Rrset>& after,
                            std::size_t most);

// "www" -> "www.a.test", "@" -> "a.test".
std::string absolute_name(const std::string& relative, const std::string& zone);

}  // namespace podplay::daemons
