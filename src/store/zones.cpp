// A deleted zone stays as a row that is not present, so that its serial is never given out again.
#include "store/zones.hpp"

#include "store/connection.hpp"

namespace podplay::store {
namespace {

constexpr const char* kZoneColumns = "name, serial, present";

std::vector<ZoneState> to_zones(const soci::rowset<soci::row>& rows) {
  std::vector<ZoneState> zones;
  for (const soci::row& row : rows) {
    zones.push_back({.name = row.get<std::string>(0),
                     .serial = static_cast<std::uint32_t>(row.get<long long>(1)),
                     .present = row.get<long long>(2) != 0});
  }
  return zones;
}

}  // namespace

std::optional<ZoneState> find_zone(Session& session, const std::string& name) {
  auto found = to_zones(
      (sql_of(session).prepare << "SELECT " << kZoneColumns << " FROM zones WHERE name = :name",
       soci::use(name)));
  if (found.empty()) {
    return std::nullopt;
  }
  return std::move(found.front());
}

void put_zone(Transaction& transaction, const ZoneState& zone) {
  const long long serial = zone.serial;
  const long long present = zone.present ? 1 : 0;
  sql_of(transaction.session())
      << "INSERT INTO zones (" << kZoneColumns
      << ") VALUES (:name, :serial, :present) ON CONFLICT (name) DO UPDATE SET "
         "serial = excluded.serial, present = excluded.present",
      soci::use(zone.name), soci::use(serial), soci::use(present);
}

std::vector<ZoneState> all_zones(Session& session) {
  return to_zones((sql_of(session).prepare << "SELECT " << kZoneColumns
                                           << " FROM zones WHERE present = 1 ORDER BY name"));
}

}  // namespace podplay::store
