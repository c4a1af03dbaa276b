// An authority and the certificates that it gives to servers and clients on loopback.
#pragma once

#include <chrono>
#include <string>

#include "base/clock.hpp"
#include "net/http.hpp"
#include "net/x509.hpp"

namespace podplay::net::test {

struct Pki {
  SystemClock clock;
  CertificateAuthority ca = make_authority("test CA", std::chrono::days(2), clock.now()).value();
  TlsIdentity identity(const CertificateAuthority& authority, const std::string& name) const {
    Secret key = make_private_key().value();
    return {issue_certificate(authority, key, name, {"localhost", "127.0.0.1"},
                              std::chrono::minutes(60), clock.now())
                .value(),
            key};
  }
};

}  // namespace podplay::net::test
