// What an authority says about itself, and what it would refuse whatever DNS says.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "acme/identifier.hpp"
#include "control/certificates/preflight.hpp"

namespace podplay::control {

// What Let's Encrypt never signs, and what no authority takes in one order. Asks nobody.
std::vector<Finding> check_policy(const AcmeAccount& account, const CertificateWishes& wishes,
                                  const std::vector<acme::Identifier>& identifiers);

struct AuthorityView {
  // The names that stand for it in CAA records; nothing when it could not be reached.
  std::optional<std::vector<std::string>> caa_identities{};
  std::vector<Finding> findings{};
};
// Reads the directory: whether it can be reached, offers the profile, and has our time.
AuthorityView check_authority(Context& context, const AcmeAccount& account,
                              const CertificateWishes& wishes);

// Whether the directory is one of Let's Encrypt's.
bool is_lets_encrypt(const std::string& directory);

}  // namespace podplay::control
