// Whether an authority may issue for a name by the domain's CAA records (RFC 8659), which may also
// name one account and some challenges (RFC 8657).
#pragma once

#include <string>
#include <vector>

#include "acme/challenge.hpp"
#include "control/certificates/public_names.hpp"

namespace podplay::control {

// The records that count for a name: its own, or those of the nearest name above it that has any.
struct CaaRecords {
  // Whose they are.
  std::string owner{};
  // Presentation format: `0 issue "ca.test"`.
  std::vector<std::string> records{};
  // Not empty: a question had no answer, for this reason.
  std::string not_asked{};
};
CaaRecords find_caa(PublicNames& names, const std::string& name);

struct CaaQuestion {
  // acme::Directory::caa_identities
  std::vector<std::string> identities{};
  // The account's URL; empty: it has none yet.
  std::string account{};
  acme::ChallengeType type = acme::ChallengeType::http_01;
  bool wildcard = false;
};

// unclear: the authority has not said by which name CAA records know it.
enum class CaaAnswer { allowed, forbidden, unclear };
struct CaaVerdict {
  CaaAnswer answer = CaaAnswer::allowed;
  // What the records say: "allow only ca.test". Empty when allowed.
  std::string words{};
};
CaaVerdict judge_caa(const std::vector<std::string>& records, const CaaQuestion& question);

}  // namespace podplay::control
