// BIND's four verbs. One template makes all zone files.
#include "daemons/bind.hpp"

#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>
#include <sstream>

#include "base/files.hpp"
#include "daemons/folders.hpp"
#include "daemons/lines.hpp"
#include "daemons/probing.hpp"
#include "daemons/rendering.hpp"
#include "net/dns.hpp"

namespace podplay::daemons {
namespace {

constexpr std::string_view kFiles = "etc/bind/";
constexpr std::string_view kConfiguration = "etc/bind/named.conf";
constexpr std::string_view kZones = "etc/bind/zones/";
constexpr std::string_view kZoneEnd = ".zone";
constexpr std::string_view kZoneTemplate = "etc/bind/zone";
// zones that are reloaded one by one
constexpr std::size_t kMostSingly = 20;
constexpr const char* kKey = "/run/named/rndc.key";

Values addresses(const std::vector<std::string>& list) {
  Values values = Values::array();
  for (const std::string& address : list) {
    values.push_back({{"address", address}});
  }
  return values;
}

Values bind_values(const BindSnapshot& snapshot) {
  Values zones = Values::array();
  for (const Zone& zone : snapshot.zones) {
    zones.push_back({{"name", zone.name}});
  }
  return {{"host_name", snapshot.host_name},
          {"debug", is_debug(snapshot.log_level)},
          {"recursion", !snapshot.forwarders.empty()},
          {"forwarders", addresses(snapshot.forwarders)},
          {"secondaries", addresses(snapshot.secondaries)},
          {"has_secondaries", !snapshot.secondaries.empty()},
          {"zones", std::move(zones)}};
}

Values zone_values(const Zone& zone) {
  Values records = Values::array();
  for (const ZoneRecord& record : zone.records) {
    records.push_back(
        {{"name", record.name}, {"ttl", record.ttl}, {"type", record.type}, {"data", record.data}});
  }
  return {{"name", zone.name},
          {"serial", zone.serial},
          {"primary", zone.primary},
          {"contact", zone.contact},
          {"records", std::move(records)}};
}

// The third field of an SOA (RFC 1035 section 3.3.13).
std::string serial_of(const std::string& soa) {
  std::istringstream words(soa);
  std::string primary;
  std::string contact;
  std::string serial;
  words >> primary >> contact >> serial;
  // as the resolver library prints it
  if (serial == "(") {
    words >> serial;
  }
  return serial;
}

ProbeStatus probe_zone(const Zone& zone, bool tcp, std::chrono::milliseconds timeout) {
  const std::string name = fmt::format("soa-{}{}", zone.name, tcp ? "-tcp" : "");
  const auto answer = net::dns_query(kLocal, 53, zone.name, "SOA", tcp, timeout);
  if (!answer) {
    return failed(name, answer.error());
  }
  if (answer->rcode != 0 || answer->data.empty() || !answer->authoritative) {
    return failed(name, fmt::format("no authoritative SOA of {}: code {}, {} answers", zone.name,
                                    answer->rcode, answer->data.size()));
  }
  const std::string serial = serial_of(answer->data.front());
  if (serial != std::to_string(zone.serial)) {
    return failed(name, fmt::format("{} has serial {}, not {}", zone.name, serial, zone.serial));
  }
  return passed(name, "serial " + serial);
}

}  // namespace

ProcessSpec Bind::process() const {
  return {"named",
          {"/usr/sbin/named", "-f", "-u", "bind", "-c", "/etc/bind/named.conf"},
          {},
          SIGTERM,
          std::chrono::milliseconds{4000},
          read_named_line};
}

Status Bind::prepare(Runner& runner) {
  for (const char* path : {"/run/named", "/data/service/named"}) {
    TRY(make_folder(path, 0770, "bind", "bind"));
  }
  if (RealFiles{}.exists(kKey)) {
    return {};
  }
  TRY(run_or_fail(runner, {{"/usr/sbin/rndc-confgen", "-a", "-c", kKey, "-u", "bind"}}));
  return {};
}

Result<std::vector<ReleaseFile>> Bind::render(const Snapshot& snapshot,
                                              const TemplateSet& templates) const {
  const auto& bind = std::get<BindSnapshot>(snapshot.body);
  TRY(auto files, render_below(templates, kFiles, bind_values(bind), kZoneTemplate));
  const TemplateFile* zone_template = templates.find(kZoneTemplate);
  if (zone_template == nullptr) {
    return fail(ErrorKind::not_found, "no_templates", "there is no template etc/bind/zone.tmpl");
  }
  for (const Zone& zone : bind.zones) {
    TRY(auto file, render_file(templates, *zone_template, zone_values(zone)));
    file.path = fmt::format("{}{}{}", kZones, zone.name, kZoneEnd);
    files.push_back(std::move(file));
  }
  return files;
}

// named.conf names its zone files below /etc/bind, which is the running release: a copy of it names
// the candidate's.
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

Status Bind::reload(Runner& runner, std::span<const std::string> changed) {
  if (!any_below(changed, kFiles)) {
    return {};
  }
  bool reconfigure = false;
  bool everything = false;
  std::vector<std::string> zones;
  for (const std::string& path : changed) {
    if (!path.starts_with(kFiles)) {
      continue;
    }
    const bool zone = path.starts_with(kZones) && path.ends_with(kZoneEnd);
    if (path == kConfiguration) {
      reconfigure = true;
    } else if (!zone) {
      everything = true;  // an operator's file: named knows best what it is part of
    }
    // A zone that is gone is dropped with the configuration that named it.
    else if (RealFiles{}.exists("/" + path)) {
      zones.push_back(path.substr(kZones.size(), path.size() - kZones.size() - kZoneEnd.size()));
    }
  }
  // Adding one zone to a thousand reads one.
  std::vector<std::vector<std::string>> commands;
  if (everything || zones.size() > kMostSingly) {
    commands = {{"reload"}};
  } else {
    if (reconfigure) {
      commands.push_back({"reconfig"});
    }
    for (const std::string& zone : zones) {
      commands.push_back({"reload", zone});
    }
  }
  for (const auto& command : commands) {
    std::vector<std::string> argv{"/usr/sbin/rndc", "-k", kKey};
    argv.insert(argv.end(), command.begin(), command.end());
    TRY(run_or_fail(runner, {std::move(argv)}));
  }
  return {};
}

std::vector<ProbeStatus> Bind::probe(const Snapshot& snapshot, std::chrono::milliseconds timeout) {
  const auto& bind = std::get<BindSnapshot>(snapshot.body);
  std::vector<ProbeStatus> results;
  for (std::size_t i = 0; i < bind.zones.size(); ++i) {
    const Zone& zone = bind.zones[i];
    const std::string serial = std::to_string(zone.serial);
    if (!served_.is_due(zone.name, serial, i, bind.zones.size())) {
      continue;
    }
    results.push_back(probe_zone(zone, false, timeout));
    // a server that is not there is not asked again for each zone
    if (!results.back().ok) {
      return served_.lost(zone.name), results;
    }
    served_.seen(zone.name, serial);
  }
  served_.next_turn();
  if (!bind.zones.empty()) {
    results.push_back(probe_zone(bind.zones.front(), true, timeout));
  }
  if (bind.zones.empty()) {
    // any answer will do, also REFUSED
    const auto answer = net::dns_query(kLocal, 53, "localhost", "A", false, timeout);
    results.push_back(answer ? passed("dns-answer", fmt::format("code {}", answer->rcode))
                             : failed("dns-answer", answer.error()));
  }
  return results;
}

}  // namespace podplay::daemons
