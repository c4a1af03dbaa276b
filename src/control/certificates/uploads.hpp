// Certificates that an operator has from elsewhere ("file"): uploaded over the API, or put into the
// certificate's folder by hand (outside.hpp).
#pragma once

#include <string>
#include <vector>

#include "base/secret.hpp"
#include "control/change.hpp"
#include "model/certificate.hpp"
#include "net/x509.hpp"

namespace podplay::control {

// Most octets of an upload.
inline constexpr std::size_t kCertificateLimit = std::size_t{64} << 10;
inline constexpr std::size_t kKeyLimit = std::size_t{16} << 10;

struct Upload {
  // PEM: the certificate and its issuers. They are put in order, and the root is left out.
  std::string certificate{};
  // PEM; without a passphrase.
  Secret key{};
  // Allows one that browsers trust less than the version in use.
  bool allow_weaker = false;
};

// An upload without faults, as it is kept.
struct CheckedUpload {
  net::CertificateInfo info;
  // PEM each: the leaf first, then the one that signed it, and so on, without the root.
  std::vector<std::string> chain;
  // PKCS #8.
  Secret key;
  // The certificates came in another order.
  bool reordered = false;
};

// Every fault of the upload as a fault of the field `certificate` or `key`: PEM, key match,
// completeness of the chain, names (`wanted`, each must be covered), dates, strength, and
// must-staple, which mail cannot do.
Result<CheckedUpload> read_upload(const Upload& upload, const std::vector<std::string>& wanted,
                                  WallTime now);
Status check_upload(const Upload& upload, const std::vector<std::string>& wanted, WallTime now);

// Keeps it as a version, makes it the certificate's issuer ("file") and puts it in use. Audit event
// CERTIFICATE_UPLOADED.
Result<Changed<Certificate>> upload_certificate(Context& context, const Actor& actor,
                                                const std::string& name, const Upload& upload,
                                                const WriteOptions& options);

}  // namespace podplay::control
