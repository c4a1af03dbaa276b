// A certificate as the control plane keeps it: one row, and immutable versions on disk.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "base/clock.hpp"
#include "model/service.hpp"

namespace podplay {

// wanted: no version has been issued yet. valid: the newest version is in use. failed: the last try
// to issue or renew failed; the version before, if there is one, stays in use.
enum class CertificateState { wanted, valid, failed };
std::string_view to_text(CertificateState state);
Result<CertificateState> parse_certificate_state(std::string_view text);

struct Certificate {
  // Its folder is named so: the domain or host that it is for.
  std::string name;
  // Its subject alternative names (RFC 5280 section 4.2.1.6), sorted.
  std::vector<std::string> names;
  // Who signs it: "internal" is the pod's own authority.
  std::string issuer = "internal";
  CertificateState state = CertificateState::wanted;
  // SHA-256 of the leaf's DER, lower-case hex; empty before the first version.
  std::string version;
  WallTime not_before{};
  WallTime not_after{};
  // When the next version is due.
  WallTime renew_at{};
  // Why the last try failed.
  std::string last_error;
  WallTime created{};
  WallTime updated{};
  Revision revision = 0;
};

}  // namespace podplay
