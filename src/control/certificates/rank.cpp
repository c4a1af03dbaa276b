// An account says what its authority is worth, since the system may not know it, as in tests. For
// everything else the system's CAs decide.
#include "control/certificates/rank.hpp"

#include <fmt/format.h>

#include "net/chain.hpp"
#include "net/inspection.hpp"
#include "store/acme.hpp"

namespace podplay::control {

int trust_rank(store::Session& session, const std::string& issuer) {
  const auto account = store::find_acme_account(session, issuer);
  if (!account) {
    return kUntrusted;
  }
  return account->trusted ? kTrusted : kStaging;
}

int trust_rank(const std::vector<std::string>& chain, WallTime now) {
  return net::trusted_by_system(chain, now) ? kTrusted : kUntrusted;
}

int trust_rank_in_use(Context& context, store::Session& session, const Certificate& certificate) {
  const bool over = certificate.not_after <= context.clock.now();
  if (certificate.version.empty() || certificate.version_issuer == kInternalIssuer || over) {
    return kUntrusted;
  }
  if (store::find_acme_account(session, certificate.version_issuer)) {
    return trust_rank(session, certificate.version_issuer);
  }
  const auto text =
      context.files.read(fmt::format("{}/{}/versions/{}/fullchain.pem", context.paths.certificates,
                                     certificate.name, certificate.version));
  const auto chain = text ? net::split_chain(*text) : std::vector<std::string>{};
  return chain ? trust_rank(*chain, context.clock.now()) : kUntrusted;
}

}  // namespace podplay::control
