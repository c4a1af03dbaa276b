// All words that are wrong are told at once.
#include "control/certificates/revocation_words.hpp"

#include <fmt/format.h>

namespace podplay::control {

Result<Revocation> parse_revocation(const std::string& reason, const std::string& signed_by) {
  Revocation how;
  std::vector<Fault> faults;
  if (!reason.empty()) {
    const auto parsed = acme::parse_revocation_reason(reason);
    if (!parsed) {
      faults.push_back({.field = "reason",
                        .code = "unknown_reason",
                        .message = fmt::format("there is no reason '{}'", reason.substr(0, 40)),
                        .remedy = "use one of: unspecified, key_compromise, affiliation_changed, "
                                  "superseded, cessation_of_operation"});
    }
    how.reason = parsed.value_or(how.reason);
  }
  if (!signed_by.empty() && signed_by != "account" && signed_by != "key") {
    faults.push_back({.field = "signed_by",
                      .code = "unknown_signer",
                      .message = fmt::format("signed_by: '{}' cannot sign a revocation",
                                             signed_by.substr(0, 40)),
                      .remedy = "use account, or key for the certificate's own key"});
  }
  how.with_key = signed_by == "key";
  TRY(no_faults(std::move(faults)));
  return how;
}

}  // namespace podplay::control
