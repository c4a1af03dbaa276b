// What the rows say against what is: the directory's replica, and the serials of zones. Of very
// many zones some are asked at each turn, so that the cost stays the same.
#include <fmt/format.h>

#include <memory>

#include "agent/checks/checks.hpp"
#include "agent/replica/statements.hpp"
#include "daemons/probing.hpp"
#include "net/dns.hpp"
#include "wire/feed.hpp"

namespace podplay::agent {
namespace {

using namespace std::chrono;

constexpr milliseconds kRowTimeout{1000};
constexpr std::int64_t kZonesAtOnce = 25;
constexpr std::size_t kMostFailures = 3;

// A zone that is set aside, or is being told, is not looked at.
constexpr const char* kServedZones =
    "SELECT key, served FROM rows WHERE kind = 'zone' AND deleted = 0 AND proven <> 0 AND "
    "reason = '' AND served = content AND key > ?1 ORDER BY key LIMIT ?2";

struct WantedZone {
  std::string name;
  std::uint32_t serial = 0;
};

Result<std::vector<WantedZone>> read_zones(const std::string& replica, const std::string& after) {
  Database database(replica);
  TRY(database.open(Database::Access::read_only));
  Statement statement(database, kServedZones);
  if (!statement.valid()) {
    return database.error("read");
  }
  TRY(const auto rows, statement.rows(after, kZonesAtOnce));
  std::vector<WantedZone> zones;
  for (const Columns& row : rows) {
    const auto content = wire::content_from_text(RowKind::zone, row[1]);
    if (content && std::holds_alternative<ZoneRow>(*content)) {
      zones.push_back({.name = row[0], .serial = std::get<ZoneRow>(*content).serial});
    }
  }
  return zones;
}

// What is wrong with it; empty: nothing.
std::string fault_of(const WantedZone& zone) {
  const auto answer = net::dns_query(daemons::kLocal, 53, zone.name, "SOA", false, kRowTimeout);
  if (!answer) {
    return fmt::format("named does not answer for {}: {}", zone.name, describe(answer.error()));
  }
  if (answer->data.empty()) {
    return fmt::format("named answers for {} with code {}", zone.name, answer->rcode);
  }
  // "primary contact serial refresh retry expire minimum"
  const std::string& soa = answer->data.front();
  const std::size_t first = soa.find(' ');
  const std::size_t second = soa.find(' ', first == soa.npos ? first : first + 1);
  const std::string serial =
      second == soa.npos ? soa : soa.substr(second + 1, soa.find(' ', second + 1) - second - 1);
  if (serial == std::to_string(zone.serial)) {
    return {};
  }
  return fmt::format("named serves {} with serial {}, not {}", zone.name, serial, zone.serial);
}

std::vector<HealthCheck> check_zones(const CheckTools& tools, std::string& after) {
  if (!tools.board.proven()) {
    return {};
  }
  HealthCheck check{.name = "zone-serials"};
  const auto zones = read_zones(tools.state + "/replica/replica.db", after);
  if (!zones) {
    check.result = CheckResult::warning;
    check.reason = describe(zones.error());
    return {check};
  }
  std::size_t failures = 0;
  for (const WantedZone& zone : *zones) {
    const std::string fault = fault_of(zone);
    if (fault.empty()) {
      continue;
    }
    check.result = CheckResult::failed;
    check.reason += (failures == 0 ? "" : "; ") + fault;
    // A named that says nothing would be asked for long.
    if (++failures == kMostFailures) {
      break;
    }
  }
  // Zones with a fault are asked again.
  if (failures == 0) {
    after = static_cast<std::int64_t>(zones->size()) < kZonesAtOnce ? "" : zones->back().name;
    check.reason = fmt::format("{} zones are served with the serials of their rows", zones->size());
  }
  check.facts = {{"zones_asked", static_cast<std::int64_t>(zones->size())}};
  return {check};
}

}  // namespace

CheckQuestion ask_directory() {
  return {.name = "directory", .interval = seconds{5}, .ask = [](const CheckTools& tools) {
            const FeedPosition position = tools.board.position();
            HealthCheck check{
                .name = "directory",
                .reason = fmt::format("the directory is complete, at {}", position.seq),
                .facts = {{"sequence", static_cast<std::int64_t>(position.seq)}}};
            if (!tools.board.synced()) {
              check.result = CheckResult::warning;
              check.reason = fmt::format("the directory is not complete yet, at {}", position.seq);
            }
            return std::vector{check};
          }};
}

CheckQuestion ask_zones() {
  const auto after = std::make_shared<std::string>();
  return {.name = "zones", .interval = seconds{120}, .ask = [after](const CheckTools& tools) {
            return check_zones(tools, *after);
          }};
}

}  // namespace podplay::agent
