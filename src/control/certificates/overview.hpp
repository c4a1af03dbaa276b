// Certificates as lists and the status show them, each with how urgent its next version is and what
// happens next. Only reads.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "control/certificates/orders.hpp"

namespace podplay::control {

struct CertificateOverview {
  Certificate certificate;
  CertificateAlert alert = CertificateAlert::none;
  std::string next_step;
};
CertificateOverview overview_of(Context& context, Certificate certificate,
                                const std::optional<Job>& job);

// A filter without a value lets everything through.
struct CertificateFilter {
  // "internal", "file", or an account's name; empty: all.
  std::string issuer{};
  std::optional<CertificateState> state{};
  std::optional<CertificateAlert> alert{};
};
// Fails with the faults of words that no certificate can have.
Result<CertificateFilter> parse_certificate_filter(Context& context, const std::string& issuer,
                                                   const std::string& state,
                                                   const std::string& alert);

// In order of name, those after `after`. A domain administrator sees that of the own domain.
Result<std::vector<CertificateOverview>> list_certificate_overviews(Context& context,
                                                                    const Actor& actor,
                                                                    const CertificateFilter& filter,
                                                                    const std::string& after,
                                                                    std::int64_t limit);
// Those that somebody should look at: the last try failed, or little time is left. At most `limit`.
Result<std::vector<CertificateOverview>> list_troubled_certificates(Context& context,
                                                                    std::int64_t limit);

}  // namespace podplay::control
