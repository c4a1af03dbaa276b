// How much Let's Encrypt signs, counted by us, so that an order that it would refuse is put off
// instead. Other authorities count nothing that we know of.
#pragma once

#include <optional>
#include <string>

#include "model/acme_account.hpp"
#include "model/certificate.hpp"
#include "store/acme.hpp"

namespace podplay::control {

struct LimitHit {
  // When the order is possible again.
  WallTime until;
  // One sentence: which limit, and what used it up.
  std::string words;
};

// The limit that ends last of those that an order of this certificate would break now. `replaces`:
// the order names the certificate that it renews (RFC 9773), and no limit counts it. An open order
// of the certificate itself does not count.
std::optional<LimitHit> limit_hit(store::Session& session, const AcmeAccount& account,
                                  const Certificate& certificate, bool replaces, WallTime now);

}  // namespace podplay::control
