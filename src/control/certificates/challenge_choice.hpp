// Which challenges can be answered for a name, and where.
#pragma once

#include <string>
#include <vector>

#include "acme/challenge.hpp"
#include "control/certificates/public_names.hpp"

namespace podplay::control {

struct ChallengePlan {
  acme::ChallengeType type = acme::ChallengeType::http_01;
  // Of dns-01: our zone, and the absolute name of the TXT record in it, which is where the CNAMEs
  // of _acme-challenge.NAME lead; without trailing dot. Empty otherwise.
  std::string zone{};
  std::string txt_name{};
  // Of dns-01: the zone is none of ours, and PODPLAY_DNS_HOOK sets the record.
  bool by_hook = false;
  bool operator==(const ChallengePlan&) const = default;
};

// The best first; none when nothing is possible. `wished` is CertificateWishes::challenge: any
// other type is left out. Otherwise dns-01 comes first where a zone of ours holds the TXT record
// and the world asks us for that zone, then http-01 and tls-alpn-01. dns-01 in a zone of ours for
// which the world asks others, or by PODPLAY_DNS_HOOK, comes last.
std::vector<ChallengePlan> plans_for(Context& context, PublicNames& names,
                                     const acme::Identifier& identifier, const std::string& wished);
// The same with a look of its own at the world, which takes a few seconds at most.
std::vector<ChallengePlan> plans_for(Context& context, const acme::Identifier& identifier,
                                     const std::string& wished);

}  // namespace podplay::control
