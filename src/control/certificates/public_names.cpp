// Answers are kept for the life of the object: a hundred names of one zone ask for its servers
// once.
#include "control/certificates/public_names.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "base/ascii.hpp"
#include "store/zones.hpp"

namespace podplay::control {
namespace {

using std::chrono::steady_clock;

constexpr const char* kOwnServer = "127.0.0.1";
constexpr const char* kResolvConf = "/etc/resolv.conf";

bool asks_outside(const Settings& settings) {
  return settings.text("PODPLAY_PROFILE") == "server" ||
         !settings.text("PODPLAY_RESOLVERS").empty();
}

std::vector<net::DnsServer> servers_for(Context& context) {
  if (!asks_outside(context.settings)) {
    return {{.address = kOwnServer}};
  }
  std::vector<net::DnsServer> servers;
  // The forwarders come before our BIND, which asks nobody about its own zones.
  for (const Settings::List name :
       std::initializer_list<Settings::List>{"PODPLAY_RESOLVERS", "PODPLAY_DNS_FORWARDERS"}) {
    for (const std::string& text : context.settings.list(name)) {
      if (auto server = net::parse_dns_server(text)) {
        servers.push_back(*std::move(server));
      }
    }
    if (!servers.empty()) {
      return servers;
    }
  }
  return net::servers_of_resolv_conf(context.files.read(kResolvConf).value_or(""));
}

std::string_view to_text(net::LookupOutcome outcome) {
  switch (outcome) {
    case net::LookupOutcome::found: return "found";
    case net::LookupOutcome::no_data: return "no data";
    case net::LookupOutcome::no_such_name: return "no such name";
    case net::LookupOutcome::not_asked: return "could not be asked";
  }
  return "";
}

}  // namespace

PublicNames::PublicNames(Context& context, std::chrono::milliseconds total)
    : context_(context),
      deadline_(steady_clock::now() + total),
      outside_(asks_outside(context.settings)),
      servers_(servers_for(context)),
      resolver_({.servers = servers_, .deadline = deadline_}) {}

bool PublicNames::only_own_server() const {
  return std::ranges::all_of(servers_, [](const net::DnsServer& server) {
    return server == net::DnsServer{.address = kOwnServer};
  });
}

net::Lookup PublicNames::look_up(const std::string& name, const std::string& type) {
  if (!outside_ && zone_of(name).empty()) {
    return {.outcome = net::LookupOutcome::not_asked,
            .end = name,
            .why = "the lab asks nobody outside"};
  }
  return resolver_.ask(name, type);
}

const net::Lookup& PublicNames::ask(const std::string& name, const std::string& type) {
  const auto [known, added] = known_.try_emplace({lower(name), type});
  if (added) {
    known->second = look_up(lower(name), type);
    const net::Lookup& found = known->second;
    context_.certificate_log.debug("asked for a name",
                                   {{"name", name},
                                    {"type", type},
                                    {"outcome", to_text(found.outcome)},
                                    {"data", fmt::format("{}", fmt::join(found.data, ", "))},
                                    {"end", found.end == lower(name) ? "" : found.end},
                                    {"why", found.why}});
  }
  return known->second;
}

std::string PublicNames::zone_of(const std::string& name) {
  const auto [known, added] = zones_.try_emplace(lower(name));
  if (!added) {
    return known->second;
  }
  const auto found = context_.store.read<std::string>([&](store::Session& session) -> std::string {
    std::string suffix = known->first;
    while (!suffix.empty()) {
      const auto zone = store::find_zone(session, suffix);
      // Reverse zones have no names that certificates are for.
      if (zone && zone->present && !suffix.ends_with(".arpa")) {
        return suffix;
      }
      const std::size_t dot = suffix.find('.');
      suffix = dot == suffix.npos ? "" : suffix.substr(dot + 1);
    }
    return {};
  });
  if (!found) {
    context_.certificate_log.error("the zone of a name cannot be read",
                                   {{"name", name}, {"why", describe(found.error())}});
  }
  known->second = found.value_or("");
  return known->second;
}

}  // namespace podplay::control
