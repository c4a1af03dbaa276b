// A zone is compared with its rows in the feed, since they are the zone's content.
#include "control/zones.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <map>

#include "model/serial.hpp"
#include "store/acme.hpp"
#include "store/domains.hpp"
#include "store/feed.hpp"
#include "store/zones.hpp"
#include "wire/feed.hpp"

namespace podplay::control {
namespace {

// The zone's RRsets by their keys in the feed.
std::map<std::string, RrsetRow> rrsets_of(const Zone& zone) {
  std::map<std::string, RrsetRow> rrsets;
  for (const ZoneRecord& record : zone.records) {
    RrsetRow& row = rrsets[fmt::format("{} {} {}", zone.name, record.name, record.type)];
    row.ttl = record.ttl;
    row.data.push_back(record.data);
  }
  for (auto& [key, row] : rrsets) {
    std::ranges::sort(row.data);
  }
  return rrsets;
}

// More changes than a zone sees between a backup and the day when it is needed.
constexpr std::uint32_t kMostLost = 100'000;

std::uint32_t serial_of(WallTime time) {
  return static_cast<std::uint32_t>(
      std::chrono::duration_cast<std::chrono::seconds>(time.time_since_epoch()).count());
}

// Returns true when something changed.
bool put_rrsets(Change& change, const Zone& zone) {
  const auto wanted = rrsets_of(zone);
  bool changed = false;
  std::map<std::string, std::string> present;
  for (FeedRecord& row :
       store::feed_rows(change.transaction(), ServiceName::bind, RowKind::rrset, zone.name + " ")) {
    present.emplace(std::move(row.key), std::move(row.content));
  }
  for (const auto& [key, row] : wanted) {
    const auto before = present.find(key);
    if (before == present.end() || before->second != wire::content_text(row)) {
      change.put(ServiceName::bind, {.key = key, .content = row});
      changed = true;
    }
  }
  for (const auto& [key, content] : present) {
    if (!wanted.contains(key)) {
      change.put(ServiceName::bind, {.key = key, .deleted = true, .content = RrsetRow{}});
      changed = true;
    }
  }
  return changed;
}

// Mail may leave by a relay, whose servers only its provider knows. Until the setting names them,
// mail that comes from elsewhere must not be refused for it.
std::string spf_of(const Settings& settings) {
  const std::string& more = settings.text("PODPLAY_MAIL_SPF");
  if (!more.empty()) {
    return more + " -all";
  }
  return settings.text("PODPLAY_MAIL_OUTBOUND") == "relay" ? "~all" : "-all";
}

Zone with_challenges(Change& change, Zone zone) {
  // Seconds: an authority that asks again must not be told what was before.
  constexpr std::int64_t kChallengeTtl = 60;
  for (const auto& one : store::list_zone_challenges(change.transaction(), zone.name)) {
    zone.records.push_back({.name = one.txt_name,
                            .ttl = kChallengeTtl,
                            .type = "TXT",
                            .data = '"' + one.txt_value + '"'});
  }
  return zone;
}

}  // namespace

ZoneFacts zone_facts(const Context& context) {
  const Settings& settings = context.settings;
  std::vector<Secondary> secondaries;
  for (const std::string& one : settings.list("PODPLAY_DNS_SECONDARIES")) {
    secondaries.push_back(parse_secondary(one));
  }
  return {.mail_server = settings.text("PODPLAY_MAIL_SERVER_NAME"),
          .contact = settings.text("PODPLAY_ADMIN_EMAIL"),
          .ipv4 = settings.text("PODPLAY_PUBLIC_IPV4"),
          .ipv6 = settings.text("PODPLAY_PUBLIC_IPV6"),
          .control_host = settings.text("PODPLAY_HOST_NAME"),
          .spf = spf_of(settings),
          .secondaries = std::move(secondaries)};
}

std::uint32_t next_serial(std::uint32_t before, WallTime now) {
  const std::uint32_t time = serial_of(now);
  const std::uint32_t least = before + 1;
  return serial_is_after(time, least) ? time : least;
}

void put_zone(Change& change, const Zone& given) {
  const Zone zone = with_challenges(change, given);
  const bool records_differ = put_rrsets(change, zone);
  const auto state = store::find_zone(change.transaction(), zone.name);
  const auto before =
      store::find_feed_row(change.transaction(), ServiceName::bind, RowKind::zone, zone.name);
  ZoneRow row{
      .serial = state ? state->serial : 0, .primary = zone.primary, .contact = zone.contact};
  if (!records_differ && before && before->content == wire::content_text(row)) {
    return;
  }
  // A zone without its row begins a new generation (control/feed.cpp): the history that was lost
  // served later serials. One that follows the clock is above them anyway.
  if (state && state->present && !before && serial_is_after(row.serial, serial_of(change.now()))) {
    row.serial += kMostLost;
  }
  row.serial = next_serial(row.serial, change.now());
  store::put_zone(change.transaction(), {.name = zone.name, .serial = row.serial, .present = true});
  change.put(ServiceName::bind, {.key = zone.name, .content = row});
}

void refresh_zone(Change& change, const std::string& domain) {
  const auto found = store::find_domain(change.transaction(), domain);
  if (found && found->enabled) {
    put_zone(change, make_zone(domain, zone_facts(change.context())));
  }
}

void remove_zone(Change& change, const std::string& name) {
  const auto state = store::find_zone(change.transaction(), name);
  if (!state || !state->present) {
    return;
  }
  store::put_zone(change.transaction(), {.name = name, .serial = state->serial, .present = false});
  store::forget_feed_rows(change.transaction(), ServiceName::bind, RowKind::rrset, name + " ");
  change.put(ServiceName::bind, {.key = name, .deleted = true, .content = ZoneRow{}});
}

Status set_serial(Change& change, const std::string& name, std::uint32_t serial) {
  const auto state = store::find_zone(change.transaction(), name);
  const std::uint32_t served = state ? state->serial : 0;
  if (state && !serial_is_after(serial, served)) {
    return fail_faults(
        {{.field = "serial",
          .code = "serial_not_after",
          .message = fmt::format("{} is not after the serial {} that {} has (RFC 1982)", serial,
                                 served, name),
          .remedy = fmt::format("secondaries take only a later one: {} to {}", served + 1,
                                served + INT32_MAX)}});
  }
  const bool present = state && state->present;
  store::put_zone(change.transaction(), {.name = name, .serial = serial, .present = present});
  const auto row =
      store::find_feed_row(change.transaction(), ServiceName::bind, RowKind::zone, name);
  if (present && row) {
    TRY(auto content, wire::content_from_text(RowKind::zone, row->content));
    std::get<ZoneRow>(content).serial = serial;
    change.put(ServiceName::bind, {.key = name, .content = std::move(content)});
  }
  return {};
}

void put_all_zones(Change& change) {
  const ZoneFacts facts = zone_facts(change.context());
  for (const Domain& domain : store::all_domains(change.transaction())) {
    if (domain.enabled) {
      put_zone(change, make_zone(domain.name, facts));
    }
  }
  const std::vector<Zone> wanted = make_reverse_zones(facts);
  for (const store::ZoneState& present : store::all_zones(change.transaction())) {
    const bool is_reverse =
        present.name.ends_with(".arpa") && !store::find_domain(change.transaction(), present.name);
    if (is_reverse && std::ranges::find(wanted, present.name, &Zone::name) == wanted.end()) {
      remove_zone(change, present.name);
    }
  }
  for (const Zone& zone : wanted) {
    put_zone(change, zone);
  }
}

}  // namespace podplay::control
