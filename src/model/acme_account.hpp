// An account at a certificate authority that is asked by ACME (RFC 8555). Its key is a file of the
// state volume (control/certificates/keys.hpp), never a column.
#pragma once

#include <string>
#include <vector>

#include "base/clock.hpp"
#include "base/result.hpp"

namespace podplay {

// wanted: its key is kept, but the authority has not confirmed it yet. valid: it can order.
// deactivated: forever, at our wish or the authority's.
enum class AcmeAccountState { wanted, valid, deactivated };
std::string_view to_text(AcmeAccountState state);
Result<AcmeAccountState> parse_acme_account_state(std::string_view text);

struct AcmeAccount {
  // How people name it: "letsencrypt". A certificate's issuer is this word.
  std::string name;
  // The URL of the authority's directory.
  std::string directory;
  // The CA of the authority's own HTTPS server, in PEM. Empty: the system's CAs.
  std::string ca;
  // Whether browsers trust what it signs. False for staging: it is then weaker than one they trust.
  bool trusted = true;
  AcmeAccountState state = AcmeAccountState::wanted;
  // Its URL at the authority; empty before it is valid.
  std::string url;
  // E-mail addresses.
  std::vector<std::string> contact;
  // The URL of the terms of service that were accepted; empty: the authority has none.
  std::string terms;
  // The authority's name of the external account (RFC 8555 section 7.3.4); empty: none.
  std::string external_id;
  WallTime created{};
  WallTime updated{};
};

}  // namespace podplay
