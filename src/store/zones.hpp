// Only the serials of zones are in the store; their records are rows of the feed. A serial outlives
// its zone.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "store/store.hpp"

namespace podplay::store {

struct ZoneState {
  std::string name;
  std::uint32_t serial = 0;
  // False when the zone was deleted. Its serial is kept in case the zone is made again.
  bool present = false;
};

std::optional<ZoneState> find_zone(Session& session, const std::string& name);
void put_zone(Transaction& transaction, const ZoneState& zone);
// The zones that are present, in order of name.
std::vector<ZoneState> all_zones(Session& session);

}  // namespace podplay::store
