// A certificate counts as in use when the daemon shows it on its TLS ports to clients that ask for
// its names.
#pragma once

#include <chrono>
#include <span>
#include <string>
#include <vector>

#include "base/files.hpp"
#include "daemons/rows.hpp"
#include "daemons/tls_ports.hpp"
#include "model/report.hpp"
#include "model/snapshot.hpp"
#include "net/x509.hpp"

namespace podplay::daemons {

inline constexpr const char* kCertificateFolder = "/data/certificates";

// The leaf of a version, after its files were found to be what the version says: this leaf, with
// its key. An Error `io` when they cannot be read now.
Result<net::CertificateInfo> check_version(Files& files, const CertificateRef& certificate,
                                           const std::string& folder = kCertificateFolder);
Result<net::CertificateInfo> read_leaf(Files& files, const CertificateRef& certificate,
                                       const std::string& folder = kCertificateFolder);

// What a client can ask for (SNI) to be shown a certificate with these names: a made-up name below
// a wildcard, and no addresses, which SNI cannot carry (RFC 6066 section 3).
std::vector<std::string> askable_names(std::span<const std::string> names);

// Whether the daemon shows this certificate on each of the ports for each of the names; an empty
// name is a client without SNI. `later` with the first port that shows something else, and what it
// shows; what is shown there is asked for no further.
RowVerdict shows_certificate(std::span<const TlsPort> ports, std::span<const std::string> names,
                             const CertificateRef& certificate, std::chrono::milliseconds timeout);
// Whether none of the ports shows a version of the certificate `name` for that name. What a client
// without SNI is shown does not count: the host's own certificate stays.
RowVerdict hides_certificate(std::span<const TlsPort> ports, const std::string& name,
                             std::chrono::milliseconds timeout,
                             const std::string& folder = kCertificateFolder);

// The verdicts on certificates' rows: every name on every port; and for rows that were proven
// before, only one name on the first port.
std::vector<RowVerdict> prove_certificates(std::span<const TlsPort> ports,
                                           std::span<const FeedRow> rows,
                                           std::chrono::milliseconds timeout);
std::vector<RowVerdict> recheck_certificates(std::span<const TlsPort> ports,
                                             std::span<const FeedRow> rows,
                                             std::chrono::milliseconds timeout);

// The proof of a host's own certificate: once on every port, with and without SNI, and from then on
// by the first port only, until there is another version. Used by one thread at a time.
class HostCertificateProof {
 public:
  explicit HostCertificateProof(std::vector<TlsPort> ports) : ports_(std::move(ports)) {}
  ProbeStatus probe(const std::string& probe_name, const std::string& host_name,
                    const CertificateRef& certificate, std::chrono::milliseconds timeout);

 private:
  // Constant after construction.
  const std::vector<TlsPort> ports_;

  // Owned by the calling thread. The host name and the version that every port has shown.
  std::string proven_;
};

}  // namespace podplay::daemons
