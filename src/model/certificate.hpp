// A certificate as the control plane keeps it: one row, and immutable versions on disk. The row
// says what is wanted (names, issuer) and what is in use (the version), which differ until the
// issuer has answered.
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

// Of `Certificate::issuer`: the pod's own authority, and a version that an operator gave us. Every
// other word is the name of an account at an ACME authority (model/acme_account.hpp).
inline constexpr const char* kInternalIssuer = "internal";
inline constexpr const char* kFileIssuer = "file";

enum class KeyType { ecdsa, rsa };
std::string_view to_text(KeyType type);
Result<KeyType> parse_key_type(std::string_view text);

// What an authority is asked for besides the names.
struct CertificateWishes {
  // "dns-01", "http-01" or "tls-alpn-01"; empty: the best that can be placed for each name.
  std::string challenge{};
  // ECDSA P-256, or RSA with 2048 bits.
  KeyType key_type = KeyType::ecdsa;
  // One of the authority's profiles; empty: its default.
  std::string profile{};
  // The common name of the root that the chain must end in; empty: the authority's choice.
  std::string root{};
  bool operator==(const CertificateWishes&) const = default;
};

struct Certificate {
  // Its folder is named so: the domain or host that it is for, or any name for a further one.
  std::string name;
  // The subject alternative names that are wanted (RFC 5280 section 4.2.1.6), sorted.
  std::vector<std::string> names;
  // False: the names follow from the domain. True: an administrator chose them.
  bool names_chosen = false;
  // Who will sign the next version.
  std::string issuer = kInternalIssuer;
  CertificateWishes wishes{};
  CertificateState state = CertificateState::wanted;
  // SHA-256 of the leaf's DER, lower-case hex; empty before the first version.
  std::string version;
  // Who signed the version in use, and the names in it.
  std::string version_issuer;
  std::vector<std::string> version_names;
  WallTime not_before{};
  WallTime not_after{};
  // When the next version is due. Never, 0, for a version that an operator gave us.
  WallTime renew_at{};
  // When the authority is next asked for its renewal window (RFC 9773); 0: it offers none.
  WallTime ask_at{};
  // Why the last try failed.
  std::string last_error;
  WallTime created{};
  WallTime updated{};
  Revision revision = 0;
};

}  // namespace podplay
