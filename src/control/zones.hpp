// Zones as rows of BIND's feed. Only rows that change are written.
#pragma once

#include "control/change.hpp"
#include "control/dns.hpp"

namespace podplay::control {

// Addresses and names of the settings, for make_zone().
ZoneFacts zone_facts(const Context& context);

// Makes the zone what `zone` says, with the TXT records of certificate authorities' challenges that
// are placed in it now. When anything differs, puts in the RRsets that differ, and after them the
// zone's row with a higher serial.
void put_zone(Change& change, const Zone& zone);
// The same for the zone of an enabled domain, after its challenges have changed.
void refresh_zone(Change& change, const std::string& domain);
// Removes the zone but keeps its serial, in case the zone is made again.
void remove_zone(Change& change, const std::string& name);
// Gives the zone a serial that is after the present one, so that it goes on above what another
// server served. A zone that does not exist at present gets it when it is made.
Status set_serial(Change& change, const std::string& name, std::uint32_t serial);
// Puts in the zones of all enabled domains and of our addresses, and removes those of addresses
// that are no longer ours. A zone whose content is unchanged keeps its serial.
void put_all_zones(Change& change);

// The next serial (RFC 1982): the time in seconds, or `before` + 1 when the time is not above it.
// So a store that was restored from a backup goes on above what it served after the backup.
std::uint32_t next_serial(std::uint32_t before, WallTime now);

}  // namespace podplay::control
