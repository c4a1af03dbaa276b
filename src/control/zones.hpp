// Zones as rows of BIND's feed: what changes is written, the rest stays.
#pragma once

#include "control/change.hpp"
#include "control/dns.hpp"

namespace podplay::control {

// Addresses and names of the settings, for make_zone().
ZoneFacts zone_facts(const Context& context);

// Makes the zone what `zone` says. When anything differs from what it was, the differing RRsets are
// put in, and the zone's row with a higher serial after them.
void put_zone(Change& change, const Zone& zone);
// The serial is kept for a zone that is made again.
void remove_zone(Change& change, const std::string& name);
// The zones of all enabled domains, and those of addresses that are ours now. A zone whose content
// stays keeps its serial.
void put_all_zones(Change& change);

// RFC 1982: above `before`, and the time in seconds where that is above it. A store that was
// restored from a backup goes on above what it served after the backup.
std::uint32_t next_serial(std::uint32_t before, WallTime now);

}  // namespace podplay::control
