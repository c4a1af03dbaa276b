// Certificates that came from another authority: taken apart, and checked before anything uses
// them.
#pragma once

#include <string>
#include <vector>

#include "base/result.hpp"
#include "base/secret.hpp"
#include "net/x509.hpp"

namespace podplay::net {

// Every certificate of a PEM text as a PEM text of its own, in order. An error when there is none.
Result<std::vector<std::string>> split_chain(const std::string& pem);
// An error unless each certificate was signed by the one that follows it.
Status check_chain(const std::vector<std::string>& chain);
// The first certificate of the text in DER.
Result<std::string> certificate_der(const std::string& pem);

// What names a certificate among those of its issuer (RFC 5280 section 4.2.1.1), in octets.
struct CertificateNumber {
  // The key identifier of the authority's key.
  std::string authority_key;
  // The content of the DER integer: its first bit is the sign, so that a zero octet may come first.
  std::string serial;
};
Result<CertificateNumber> certificate_number(const std::string& pem);

// The self-signed certificate with which a server answers TLS-ALPN-01 (RFC 8737 section 3). `name`
// is a DNS name or an IP address; `digest` has 32 octets.
Result<std::string> make_challenge_certificate(const Secret& key, const std::string& name,
                                               const std::string& digest, WallTime now);

}  // namespace podplay::net
