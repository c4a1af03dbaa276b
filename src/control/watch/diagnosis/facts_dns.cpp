// Zones as the store has them and as our BIND, the resolvers and the secondaries answer. Others are
// asked only where names of others are asked for at all (PublicNames::outside()), besides the
// forwarders of the settings, and all questions together have a deadline.
#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cstdlib>

#include "base/numbers.hpp"
#include "control/certificates/delegation.hpp"
#include "control/watch/diagnosis/facts.hpp"
#include "net/dns.hpp"
#include "net/reverse_name.hpp"
#include "store/zones.hpp"

namespace podplay::control {
namespace {

using namespace std::chrono;

constexpr const char* kOwnServer = "127.0.0.1";
constexpr std::size_t kMostZones = 50;
// Of those, whose delegation is asked for.
constexpr std::size_t kMostDelegations = 3;
constexpr milliseconds kQuestion{300};
constexpr milliseconds kOutside{1500};
// A zone that has just changed is on its way (its serial is the time in seconds).
constexpr std::int64_t kOnItsWay = 60;

// The third field of a SOA record (RFC 1035 section 3.3.13).
std::optional<std::uint32_t> serial_in(const net::DnsAnswer& answer) {
  if (answer.data.empty()) {
    return std::nullopt;
  }
  std::string_view rest = answer.data.front();
  for (int field = 0; field < 2; ++field) {
    const std::size_t blank = rest.find(' ');
    if (blank == rest.npos) {
      return std::nullopt;
    }
    rest.remove_prefix(blank + 1);
  }
  return parse_number<std::uint32_t>(rest.substr(0, rest.find(' ')));
}

EvidenceJson ask_serial(const std::string& server, const store::ZoneState& zone) {
  EvidenceJson seen{{"zone", zone.name}, {"wanted", zone.serial}, {"server", server}};
  const auto answer = net::dns_query(server, 53, zone.name, "SOA", false, kQuestion);
  if (!answer) {
    seen["error"] = answer.error().message;
    return seen;
  }
  seen["code"] = answer->rcode;
  if (const auto serial = serial_in(*answer)) {
    seen["serial"] = *serial;
  }
  return seen;
}

bool is_reverse(const std::string& zone) { return zone.ends_with(".arpa"); }

// Of a name server of ours: a secondary's own, else this server's. Empty: none that an A record
// could have.
std::string address_of(const Context& context, const std::string& server) {
  const auto secondaries = zone_secondaries(context);
  const auto secondary = std::ranges::find(secondaries, server, &Secondary::name);
  if (secondary == secondaries.end()) {
    return context.settings.text("PODPLAY_PUBLIC_IPV4");
  }
  return secondary->address.find(':') == std::string::npos ? secondary->address : std::string();
}

EvidenceJson ask_delegation(Context& context, PublicNames& names, const std::string& zone) {
  const Delegation seen = delegation_of(context, names, zone);
  EvidenceJson facts{{"zone", zone}, {"others", seen.others}, {"why", seen.why}};
  constexpr std::array kStates{"ours", "partly", "elsewhere", "unknown"};
  facts["state"] = kStates.at(static_cast<std::size_t>(seen.state));
  // Name servers below the zone itself need an address in the zone above (glue). It is asked for
  // as the world asks.
  EvidenceJson glue = EvidenceJson::array();
  for (const std::string& server : names.ask(zone, "NS").data) {
    if (!server.ends_with("." + zone)) {
      continue;
    }
    const net::Lookup found = names.ask(server, "A");
    const std::string wanted = address_of(context, server);
    if (found.outcome != net::LookupOutcome::not_asked && !wanted.empty()) {
      glue.push_back({{"server", server},
                      {"ours", std::ranges::find(found.data, wanted) != found.data.end()},
                      {"addresses", found.data},
                      {"wanted", wanted}});
    }
  }
  facts["glue"] = std::move(glue);
  return facts;
}

EvidenceJson ask_reverse(Context& context, PublicNames& names) {
  EvidenceJson all = EvidenceJson::array();
  for (const std::string& address : {context.settings.text("PODPLAY_PUBLIC_IPV4"),
                                     context.settings.text("PODPLAY_PUBLIC_IPV6")}) {
    const std::string name = net::reverse_name(address);
    if (address.empty() || name.empty()) {
      continue;
    }
    const net::Lookup found = names.ask(name, "PTR");
    all.push_back({{"address", address},
                   {"asked", found.outcome != net::LookupOutcome::not_asked},
                   {"names", found.data},
                   {"wanted", context.settings.text("PODPLAY_MAIL_SERVER_NAME")}});
  }
  return all;
}

EvidenceJson ask_forwarders(const Settings& settings) {
  EvidenceJson all = EvidenceJson::array();
  for (const std::string& address : settings.list("PODPLAY_DNS_FORWARDERS")) {
    const auto answer =
        net::dns_query(address, 53, ".", "NS", false, milliseconds{700}, net::Recursion::wanted);
    all.push_back(
        {{"address", address},
         {"ok", answer.has_value()},
         {"words", answer ? fmt::format("code {}", answer->rcode) : answer.error().message}});
  }
  return all;
}

}  // namespace

void add_dns_facts(Context& context, EvidenceJson& facts) {
  auto zones = context.store.read<std::vector<store::ZoneState>>(
      [](store::Session& session) { return store::all_zones(session); });
  if (!zones) {
    return;
  }
  const std::int64_t now = to_millis(context.clock.now()) / 1000;
  EvidenceJson serials = EvidenceJson::array();
  EvidenceJson secondaries = EvidenceJson::array();
  std::size_t failures = 0;
  std::vector<std::string> domains;
  for (const store::ZoneState& zone : *zones) {
    const bool settled = std::abs(now - static_cast<std::int64_t>(zone.serial)) > kOnItsWay;
    if (!is_reverse(zone.name) && domains.size() < kMostDelegations) {
      domains.push_back(zone.name);
    }
    // A server that does not answer is asked no further.
    if (!settled || serials.size() >= kMostZones || failures >= 2) {
      continue;
    }
    EvidenceJson seen = ask_serial(kOwnServer, zone);
    failures += seen.contains("error") ? 1 : 0;
    serials.push_back(std::move(seen));
  }
  facts["serials"] = std::move(serials);
  facts["forwarders"] = ask_forwarders(context.settings);
  const bool named = !context.settings.list("PODPLAY_RESOLVERS").empty() ||
                     !context.settings.list("PODPLAY_DNS_FORWARDERS").empty();
  PublicNames names(context, kOutside);
  if (!named || !names.outside() || names.only_own_server()) {
    return;
  }
  for (const std::string& text : context.settings.list("PODPLAY_DNS_SECONDARIES")) {
    const Secondary secondary = parse_secondary(text);
    for (const store::ZoneState& zone : *zones) {
      if (zone.name == context.settings.text("PODPLAY_DOMAIN") &&
          std::abs(now - static_cast<std::int64_t>(zone.serial)) > kOnItsWay &&
          secondaries.size() < 10) {
        secondaries.push_back(ask_serial(secondary.address, zone));
      }
    }
  }
  facts["secondaries"] = std::move(secondaries);
  EvidenceJson delegations = EvidenceJson::array();
  for (const std::string& domain : domains) {
    delegations.push_back(ask_delegation(context, names, domain));
  }
  facts["delegations"] = std::move(delegations);
  facts["reverse"] = ask_reverse(context, names);
  facts["resolvers_silent"] = names.silent();
}

}  // namespace podplay::control
