// named.conf comes from the release, zones come from rows: named is told each zone while it runs,
// so the cost of a change does not depend on how many zones there are. One template makes all zone
// files.
#include "daemons/bind.hpp"

#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>
#include <optional>

#include "base/files.hpp"
#include "daemons/folders.hpp"
#include "daemons/lines.hpp"
#include "daemons/probing.hpp"
#include "daemons/rendering.hpp"
#include "net/dns.hpp"

namespace podplay::daemons {
namespace {

constexpr std::string_view kBindFiles = "etc/bind/";
constexpr const char* kKey = "/run/named/rndc.key";
// Each key file with the name of its key: the control channel's, and that of transfers and updates.
constexpr std::pair<const char*, const char*> kKeys[] = {{kKey, "rndc-key"},
                                                         {"/run/named/local.key", "podplay-local"}};

Values address_values(const std::vector<std::string>& list) {
  Values values = Values::array();
  for (const std::string& address : list) {
    values.push_back({{"address", address}});
  }
  return values;
}

Values bind_values(const BindSnapshot& snapshot) {
  return {{"host_name", snapshot.host_name},
          {"debug", is_debug(snapshot.log_level)},
          {"recursion", !snapshot.forwarders.empty()},
          {"forwarders", address_values(snapshot.forwarders)},
          {"secondaries", address_values(snapshot.secondaries)},
          {"has_secondaries", !snapshot.secondaries.empty()}};
}

// The content of a zone by its rows: as it is wanted, and as named serves it as far as is known.
struct ZoneRows {
  ZoneContent wanted;
  std::optional<ZoneContent> served;
};

ZoneContent soa_of(const std::string& name, const ZoneRow& row) {
  return {.name = name,
          .serial = row.serial,
          .primary = row.primary,
          .contact = row.contact,
          .rrsets = {}};
}

Rrset rrset_of(const std::string& zone, const std::string& key, const RowContent& content) {
  const auto& row = std::get<RrsetRow>(content);
  // "ZONE NAME TYPE"
  const std::size_t name = zone.size() + 1;
  const std::size_t type = key.find(' ', name);
  return {.name = key.substr(name, type - name),
          .type = key.substr(type + 1),
          .ttl = row.ttl,
          .data = row.data};
}

Result<ZoneRows> rows_of(RowSource& source, const FeedRow& row) {
  ZoneRows zone{.wanted = soa_of(row.key, std::get<ZoneRow>(row.content)), .served = {}};
  TRY(const auto zones, source.rows(RowKind::zone, row.key));
  for (const KeptRow& kept : zones) {
    if (kept.row.key == row.key && kept.served) {
      zone.served = soa_of(row.key, std::get<ZoneRow>(*kept.served));
    }
  }
  TRY(const auto rrsets, source.rows(RowKind::rrset, row.key + " "));
  for (const KeptRow& kept : rrsets) {
    if (!kept.row.deleted) {
      zone.wanted.rrsets.push_back(rrset_of(row.key, kept.row.key, kept.row.content));
    }
    if (zone.served && kept.served) {
      zone.served->rrsets.push_back(rrset_of(row.key, kept.row.key, *kept.served));
    }
  }
  std::ranges::sort(zone.wanted.rrsets, {},
                    [](const Rrset& one) { return std::pair(one.name, one.type); });
  if (zone.served) {
    std::ranges::sort(zone.served->rrsets, {},
                      [](const Rrset& one) { return std::pair(one.name, one.type); });
  }
  return zone;
}

// A complaint about the zone itself is final. Any other failure may go away.
RowVerdict zone_verdict(const Status& done) {
  if (done) {
    return {};
  }
  const ErrorKind kind = done.error().kind;
  const bool zone = kind == ErrorKind::invalid || kind == ErrorKind::refused;
  return {.state = zone ? RowState::refused : RowState::later, .words = describe(done.error())};
}

}  // namespace

ProcessSpec Bind::process() const {
  return {.name = "named",
          .argv = {"/usr/sbin/named", "-f", "-u", "bind", "-c", "/etc/bind/named.conf"},
          .stop_grace = std::chrono::milliseconds{4000},
          .read_line = read_named_line};
}

// Folders that the agent writes to as well belong to root and are sticky, so that named cannot
// replace one of the agent's entries by a link.
Status Bind::prepare(Runner& runner) {
  TRY(make_folder("/run/named", 0770, "bind", "bind"));
  for (const char* path : {"/data/service/named", "/data/service/named/zones"}) {
    TRY(make_folder(path, 01770, "root", "bind"));
  }
  for (const auto& [path, name] : kKeys) {
    if (!RealFiles{}.exists(path)) {
      TRY(run_or_fail(runner,
                      {{"/usr/sbin/rndc-confgen", "-a", "-c", path, "-k", name, "-u", "bind"}}));
    }
  }
  return {};
}

Result<std::vector<ReleaseFile>> Bind::render(const Snapshot& snapshot,
                                              const TemplateSet& templates) const {
  return render_below(templates, kBindFiles, bind_values(std::get<BindSnapshot>(snapshot.body)),
                      kZoneTemplate);
}

// named.conf names files below /etc/bind, which is the running release. The checker reads a copy
// that names the candidate's files.
Status Bind::check(Runner& runner, const std::string& release) {
  RealFiles files;
  TRY(auto text, files.read(release + "/etc/bind/named.conf"));
  const std::string before = "/etc/bind/";
  const std::string after = release + before;
  for (std::size_t at = text.find(before); at != std::string::npos;
       at = text.find(before, at + after.size())) {
    text.replace(at, before.size(), after);
  }
  const std::string copy = fmt::format("/tmp/podplay-named.{}.conf", ::getpid());
  TRY(files.write_atomic(copy, text, 0600, {}));
  const Status fine = run_checker(runner, {{"/usr/bin/named-checkconf", "-z", copy}});
  const Status gone = files.remove_tree(copy);
  if (fine && !gone) {
    return gone;
  }
  return fine;
}

// Zones are not in named.conf, so the cost of reading it again does not depend on how many there
// are.
Status Bind::reload(Runner& runner, std::span<const std::string> changed) {
  if (!any_below(changed, kBindFiles)) {
    return {};
  }
  TRY(run_or_fail(runner, {{"/usr/sbin/rndc", "-k", kKey, "reconfig"}}));
  return {};
}

// Any answer passes, even REFUSED. prove_rows() asks whether zones are served.
std::vector<ProbeStatus> Bind::probe(const Snapshot&, std::chrono::milliseconds timeout) {
  std::vector<ProbeStatus> results;
  for (const bool tcp : {false, true}) {
    const std::string name = tcp ? "dns-answer-tcp" : "dns-answer";
    const auto answer = net::dns_query(kLocal, 53, "localhost", "A", tcp, timeout);
    results.push_back(answer ? passed(name, fmt::format("code {}", answer->rcode))
                             : failed(name, answer.error()));
    if (!results.back().ok) {
      break;
    }
  }
  return results;
}

bool Bind::takes(RowKind kind) const { return kind == RowKind::zone || kind == RowKind::rrset; }

std::vector<RowVerdict> Bind::apply_rows(RowTools& tools, std::span<const FeedRow> rows) {
  if (!zones_) {
    zones_ = std::make_unique<ZoneKeeper>(tools.files, tools.runner, tools.runner.reaper(),
                                          tools.templates, ZoneKeeperOptions{}, silent_logger());
  }
  std::vector<RowVerdict> verdicts;
  for (const FeedRow& row : rows) {
    verdicts.push_back(apply_zone(tools, row));
  }
  return verdicts;
}

RowVerdict Bind::apply_zone(RowTools& tools, const FeedRow& row) {
  if (row.deleted) {
    return zone_verdict(zones_->remove(row.key));
  }
  const auto zone = rows_of(tools.source, row);
  if (!zone) {
    return zone_verdict(std::unexpected(zone.error()));
  }
  Status done = zones_->put(zone->wanted, zone->served ? &*zone->served : nullptr);
  if (!done && done.error().code == "zone_serial") {
    done = zones_->replace(zone->wanted);
  }
  return zone_verdict(done);
}

std::vector<RowVerdict> Bind::prove_rows(std::span<const FeedRow> rows, std::chrono::milliseconds) {
  std::vector<RowVerdict> verdicts;
  for (const FeedRow& row : rows) {
    verdicts.push_back(prove_zone(row));
  }
  return verdicts;
}

std::vector<RowVerdict> Bind::compare_rows(RowTools& tools, std::span<const FeedRow> rows,
                                           std::chrono::milliseconds) {
  std::vector<RowVerdict> verdicts;
  for (const FeedRow& row : rows) {
    RowVerdict verdict = prove_zone(row);
    if (verdict.state == RowState::done && !row.deleted) {
      verdict = compare_zone(tools, row);
    }
    verdicts.push_back(std::move(verdict));
  }
  return verdicts;
}

// Calls a zone different only by what named serves; a zone that cannot be compared stays as it is.
RowVerdict Bind::compare_zone(RowTools& tools, const FeedRow& row) {
  const auto zone = rows_of(tools.source, row);
  if (!zone) {
    return zone_verdict(std::unexpected(zone.error()));
  }
  const auto found = zones_->compare(zone->wanted);
  if (!found) {
    return zone_verdict(std::unexpected(found.error()));
  }
  if (found->empty()) {
    return {};
  }
  return {.state = RowState::later,
          .words = fmt::format("named serves another {}: {} ({} differences)", row.key,
                               found->front(), found->size())};
}

RowVerdict Bind::prove_zone(const FeedRow& row) {
  if (!zones_) {
    return {.state = RowState::later, .words = "named was not told any zone yet"};
  }
  const auto serial = zones_->serial_of(row.key);
  if (!serial) {
    return zone_verdict(std::unexpected(serial.error()));
  }
  const std::uint32_t wanted = std::get<ZoneRow>(row.content).serial;
  if (row.deleted ? !serial->has_value() : *serial == wanted) {
    return {};
  }
  return {.state = RowState::later,
          .words = serial->has_value()
                       ? fmt::format("named answers for {} with serial {}", row.key, **serial)
                       : fmt::format("named does not answer for {}", row.key)};
}

}  // namespace podplay::daemons
