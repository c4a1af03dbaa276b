// A name server is ours by its address, whatever it is called: people name one server for all
// zones.
#include "control/certificates/delegation.hpp"

#include <arpa/inet.h>

#include <algorithm>
#include <array>

namespace podplay::control {
namespace {

bool is_ours(const Context& context, PublicNames& names, const std::string& server) {
  const auto secondaries = zone_secondaries(context);
  if (std::ranges::find(secondaries, server, &Secondary::name) != secondaries.end()) {
    return true;
  }
  for (const char* type : {"A", "AAAA"}) {
    for (const std::string& address : names.ask(server, type).data) {
      const bool secondary = std::ranges::any_of(secondaries, [&](const Secondary& one) {
        return usual_address(one.address) == usual_address(address);
      });
      if (secondary || is_own_address(context, address)) {
        return true;
      }
    }
  }
  return false;
}

}  // namespace

std::vector<Secondary> zone_secondaries(const Context& context) {
  std::vector<Secondary> secondaries;
  for (const std::string& text : context.settings.list("PODPLAY_DNS_SECONDARIES")) {
    Secondary secondary = parse_secondary(text);
    if (!secondary.name.empty()) {
      secondaries.push_back(std::move(secondary));
    }
  }
  return secondaries;
}

std::string usual_address(const std::string& address) {
  std::array<unsigned char, 16> octets{};
  std::array<char, INET6_ADDRSTRLEN> text{};
  for (const int family : {AF_INET, AF_INET6}) {
    if (::inet_pton(family, address.c_str(), octets.data()) == 1 &&
        ::inet_ntop(family, octets.data(), text.data(), text.size()) != nullptr) {
      return text.data();
    }
  }
  return address;
}

bool is_own_address(const Context& context, const std::string& address) {
  const std::string usual = usual_address(address);
  return usual == usual_address(context.settings.text("PODPLAY_PUBLIC_IPV4")) ||
         usual == usual_address(context.settings.text("PODPLAY_PUBLIC_IPV6"));
}

Delegation delegation_of(const Context& context, PublicNames& names, const std::string& zone) {
  const net::Lookup& found = names.ask(zone, "NS");
  if (found.outcome == net::LookupOutcome::not_asked) {
    return {.state = DelegationState::unknown, .why = found.why};
  }
  Delegation delegation{.state = DelegationState::ours};
  bool any = false;
  for (const std::string& server : found.data) {
    if (is_ours(context, names, server)) {
      any = true;
    } else {
      delegation.others.push_back(server);
    }
  }
  if (!any) {
    delegation.state = DelegationState::elsewhere;
  } else if (!delegation.others.empty()) {
    delegation.state = DelegationState::partly;
  }
  return delegation;
}

}  // namespace podplay::control
