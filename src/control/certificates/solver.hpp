// Places challenges for authorities: as rows that Apache answers (http-01, tls-alpn-01), and as TXT
// records of our own zones (dns-01). Each placement is a change that its service proves, so
// "visible" means that the service itself was asked.
#pragma once

#include <map>
#include <string>
#include <vector>

#include "acme/issuance.hpp"
#include "control/certificates/challenge_choice.hpp"
#include "control/change.hpp"
#include "store/acme.hpp"

namespace podplay::control {

class ChallengeSolver final : public acme::Solver {
 public:
  // `wished` is CertificateWishes::challenge.
  ChallengeSolver(Context& context, std::string wished)
      : context_(context), wished_(std::move(wished)) {}

  std::vector<acme::ChallengeType> types_for(const acme::Identifier& identifier) override;
  Status place(const acme::Placement& placement) override;
  // An error when a service refused the challenge.
  Result<bool> is_visible(const acme::Placement& placement) override;
  Status remove(const acme::Placement& placement) override;

 private:
  Result<store::AcmeChallenge> challenge_for(const acme::Placement& placement);
  const std::vector<ChallengePlan>& plans(const acme::Identifier& identifier);

  // Constant after construction.
  Context& context_;
  const std::string wished_;

  // By name: each is looked at once, since resolvers may be slow.
  std::map<std::string, std::vector<ChallengePlan>> plans_;
};

// Inside a change: the rows of the feed that follow from all challenges, for a new generation. TXT
// records are part of their zones (put_zone).
void put_all_challenges(Change& change);

}  // namespace podplay::control
