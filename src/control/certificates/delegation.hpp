// Whether the world asks us for a zone: its name servers as the public sees them.
#pragma once

#include <string>
#include <vector>

#include "control/certificates/public_names.hpp"
#include "control/dns.hpp"

namespace podplay::control {

// ours: every name server is this one or a secondary of ours. partly: some are others. elsewhere:
// all are others. unknown: it could not be found out.
enum class DelegationState { ours, partly, elsewhere, unknown };

struct Delegation {
  DelegationState state = DelegationState::unknown;
  // The name servers that are not ours.
  std::vector<std::string> others{};
  // Of unknown: why, in words.
  std::string why{};
};

Delegation delegation_of(const Context& context, PublicNames& names, const std::string& zone);

// Those of PODPLAY_DNS_SECONDARIES that NS records name.
std::vector<Secondary> zone_secondaries(const Context& context);

// One of PODPLAY_PUBLIC_IPV4 and PODPLAY_PUBLIC_IPV6, in any spelling.
bool is_own_address(const Context& context, const std::string& address);
// An IP address as RFC 5952 writes it; any other text as it is.
std::string usual_address(const std::string& address);

}  // namespace podplay::control
