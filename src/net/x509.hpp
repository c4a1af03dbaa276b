// Certificates (RFC 5280) of the pod's own authority, and what stands in a certificate.
#pragma once

#include <chrono>
#include <string>
#include <string_view>
#include <vector>

#include "base/clock.hpp"
#include "base/result.hpp"
#include "base/secret.hpp"
#include "net/signing_key.hpp"
#include "net/signing_request.hpp"

namespace podplay::net {

// Both in PEM.
struct CertificateAuthority {
  std::string certificate;
  Secret key;
};

struct CertificateInfo {
  std::string common_name;
  // The DNS names among the subject alternative names, sorted.
  std::vector<std::string> names;
  // The IP addresses among them, sorted.
  std::vector<std::string> addresses;
  WallTime not_before{};
  WallTime not_after{};
  // SHA-256 of the DER form in lower-case hexadecimal digits.
  std::string fingerprint;
  std::string issuer;
  // The URLs of its OCSP responders (RFC 5280 section 4.2.2.1).
  std::vector<std::string> responders;
};

Result<CertificateAuthority> make_authority(const std::string& common_name,
                                            std::chrono::days lifetime, WallTime now);
// A certificate in PEM that serves as a server's and as a client's. `names` are DNS names and IP
// addresses. The serial number is random.
Result<std::string> issue_certificate(const CertificateAuthority& authority, const Secret& key,
                                      const std::string& common_name,
                                      const std::vector<std::string>& names,
                                      std::chrono::seconds lifetime, WallTime now);
// The same for a signing request. Its signature is verified, and only its public key is used.
Result<std::string> sign_request(const CertificateAuthority& authority, const std::string& request,
                                 const std::string& common_name,
                                 const std::vector<std::string>& names,
                                 std::chrono::seconds lifetime, WallTime now);
// Reads the first certificate of the text.
Result<CertificateInfo> read_certificate(const std::string& pem);
// Whether a client that wants this DNS name accepts the certificate for it (RFC 9525 section 6.3):
// a wildcard stands for one label.
bool covers(const CertificateInfo& certificate, std::string_view name);
Status check_key_matches(const std::string& certificate, const Secret& key);

}  // namespace podplay::net
