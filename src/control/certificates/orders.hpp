// What people ask of certificates: choose who signs, order, give one of their own, revoke. An order
// itself is a job (jobs.hpp).
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "acme/revocation.hpp"
#include "control/certificates/preflight.hpp"
#include "control/change.hpp"
#include "control/jobs/jobs.hpp"
#include "model/certificate.hpp"
#include "store/acme.hpp"

namespace podplay::control {

// Members without a value stay as they are.
struct CertificateChange {
  // "internal" or an account's name. "file" comes by uploading.
  std::optional<std::string> issuer{};
  // Empty: the names that follow from the domain.
  std::optional<std::vector<std::string>> names{};
  // The domain and "*." before it; needs dns-01.
  std::optional<bool> wildcard{};
  std::optional<std::string> challenge{};
  std::optional<KeyType> key_type{};
  std::optional<std::string> profile{};
  std::optional<std::string> root{};
  // Allows an issuer that browsers trust less than that of the version in use.
  bool allow_weaker = false;
  // Orders in spite of what the preflight finds and of the authority's counted limits.
  bool force = false;
};

// What came of asking: the certificate, and the job of its order when one was begun.
struct CertificateAsked {
  Certificate certificate;
  std::optional<Job> job{};
};

// Changes what is wanted and, when the version in use does not fit that, begins an order at once.
// Audit event CERTIFICATE_CHANGED.
Result<CertificateAsked> change_certificate(Context& context, const Actor& actor,
                                            const std::string& name,
                                            const CertificateChange& wanted);
// A certificate for names that are no domain's. Mail presents it for its names (SNI). Audit event
// CERTIFICATE_CREATED.
Result<CertificateAsked> create_certificate(Context& context, const Actor& actor,
                                            const std::string& name,
                                            const CertificateChange& wanted);
// Of one that create_certificate() made; a domain's or a host's certificate goes with it. Audit
// event CERTIFICATE_DELETED.
Result<Changed<std::string>> delete_certificate(Context& context, const Actor& actor,
                                                const std::string& name,
                                                const WriteOptions& options);

// Begins an order now, whether or not one is due; that renews it. `force`: in spite of what the
// preflight finds and of the authority's counted limits. Audit event CERTIFICATE_ORDERED.
Result<CertificateAsked> order_certificate(Context& context, const Actor& actor,
                                           const std::string& name, bool force);
// What the preflight finds for the certificate as it is wanted, or as `wanted` would make it.
Result<std::vector<Finding>> try_certificate(Context& context, const std::string& name,
                                             const CertificateChange& wanted);

// The same for a certificate that create_certificate() would make.
Result<std::vector<Finding>> try_new_certificate(Context& context, const Actor& actor,
                                                 const std::string& name,
                                                 const CertificateChange& wanted);

struct Revocation {
  acme::RevocationReason reason = acme::RevocationReason::unspecified;
  // Signs with the certificate's key instead of the account's.
  bool with_key = false;
};
// Revokes the version in use. A new one is ordered at once. Audit event CERTIFICATE_REVOKED.
Result<CertificateAsked> revoke_certificate(Context& context, const Actor& actor,
                                            const std::string& name, const Revocation& how);

// One certificate as people look at it.
struct CertificateDetails {
  Certificate certificate;
  // The fingerprints of the versions on disk.
  std::vector<std::string> versions;
  // The newest orders, at most 10, and the job of the newest with its steps.
  std::vector<store::AcmeOrder> orders;
  std::optional<JobDetails> job;
};
Result<CertificateDetails> get_certificate_details(Context& context, const std::string& name);

// How urgent it is that a certificate is renewed: notice at a third of its life, warning at a
// sixth, error below three days and when it has expired.
enum class CertificateAlert { none, notice, warning, error };
std::string_view to_text(CertificateAlert alert);
CertificateAlert alert_of(const Certificate& certificate, WallTime now);
// What happens next, in words: "renewed at 2026-12-01", "the order waits until ...".
std::string next_step(const Certificate& certificate, const std::optional<Job>& job);

}  // namespace podplay::control
