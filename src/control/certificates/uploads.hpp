// Certificates that an operator has from elsewhere ("file"): uploaded over the API, or put into the
// certificate's folder by hand.
#pragma once

#include <string>

#include "base/secret.hpp"
#include "control/change.hpp"
#include "model/certificate.hpp"

namespace podplay::control {

struct Upload {
  // PEM: the certificate and after it its issuers, in order, without the root.
  std::string certificate{};
  // PEM; without a passphrase.
  Secret key{};
  // Allows one that browsers trust less than the version in use.
  bool allow_weaker = false;
};

// Every fault of the upload as a fault of the field `certificate` or `key`: PEM, key match, order
// and completeness of the chain, names (`wanted`, each must be covered), dates, strength, and
// must-staple, which mail cannot do.
Status check_upload(const Upload& upload, const std::vector<std::string>& wanted, WallTime now);

// Keeps it as a version, makes it the certificate's issuer ("file") and puts it in use. Audit event
// CERTIFICATE_UPLOADED.
Result<Changed<Certificate>> upload_certificate(Context& context, const Actor& actor,
                                                const std::string& name, const Upload& upload,
                                                const WriteOptions& options);

}  // namespace podplay::control
