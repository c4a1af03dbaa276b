// Keys and certificates (RFC 5280) over OpenSSL. All keys are ECDSA P-256: handshakes are quick,
// and every client of today accepts them.
#pragma once

#include <chrono>
#include <string>
#include <vector>

#include "base/clock.hpp"
#include "base/result.hpp"
#include "base/secret.hpp"
#include "net/http.hpp"

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
  WallTime not_before{};
  WallTime not_after{};
  // SHA-256 of the DER form in lower-case hexadecimal digits.
  std::string fingerprint;
  std::string issuer;
};

Result<CertificateAuthority> make_authority(const std::string& common_name,
                                            std::chrono::days lifetime, WallTime now);
// A new P-256 key in PEM.
Result<Secret> make_private_key();
// A PKCS#10 request (RFC 2986) in PEM.
Result<std::string> make_signing_request(const Secret& key, const std::string& common_name);
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
Status check_key_matches(const std::string& certificate, const Secret& key);

}  // namespace podplay::net
