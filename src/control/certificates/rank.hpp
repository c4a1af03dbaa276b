// How much browsers trust a certificate, as a number that can be compared. A name does not go back
// to a lower one unless an administrator says so.
#pragma once

#include <string>
#include <vector>

#include "control/context.hpp"
#include "model/certificate.hpp"
#include "store/store.hpp"

namespace podplay::control {

// Nobody trusts it without being told to: the pod's authority, self-signed, a company's authority.
inline constexpr int kUntrusted = 0;
// An account whose authority only tests.
inline constexpr int kStaging = 1;
// Browsers trust it.
inline constexpr int kTrusted = 3;

// What the next version of this issuer is worth. kFileIssuer and an unknown account count as
// kUntrusted: only a chain says more.
int trust_rank(store::Session& session, const std::string& issuer);
// What these certificates are worth; the leaf comes first, in PEM.
int trust_rank(const std::vector<std::string>& chain, WallTime now);
// What the version in use is worth; kUntrusted when there is none, or when it has expired. Reads
// the version's files when no account says it.
int trust_rank_in_use(Context& context, store::Session& session, const Certificate& certificate);

}  // namespace podplay::control
