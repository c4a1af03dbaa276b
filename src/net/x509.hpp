// Keys and certificates (OpenSSL, RFC 5280). ECDSA P-256 everywhere: quick handshakes, accepted by
// every client of today.
#pragma once

#include <chrono>
#include <string>
#include <vector>

#include "base/clock.hpp"
#include "base/result.hpp"
#include "base/secret.hpp"
#include "net/http.hpp"

namespace podplay::net {

struct CertificateAuthority {
  // PEM
  std::string certificate;
  // PEM
  Secret key;
};

struct CertificateInfo {
  std::string common_name;
  // DNS subject alternative names, sorted
  std::vector<std::string> names;
  WallTime not_before{};
  WallTime not_after{};
  // SHA-256 of the DER, lower-case hex
  std::string fingerprint;
  std::string issuer;
};

Result<CertificateAuthority> make_authority(const std::string& common_name,
                                            std::chrono::days lifetime, WallTime now);
// PEM, P-256
Result<Secret> make_private_key();
// PEM PKCS#10
Result<std::string> make_signing_request(const Secret& key, const std::string& common_name);
// A leaf for a server (names: DNS names and IP addresses) and a client. Serial is random.
Result<std::string> issue_certificate(const CertificateAuthority& authority, const Secret& key,
                                      const std::string& common_name,
                                      const std::vector<std::string>& names,
                                      std::chrono::seconds lifetime, WallTime now);
// The same for a signing request: only its public key is taken from it, its signature is checked.
Result<std::string> sign_request(const CertificateAuthority& authority, const std::string& request,
                                 const std::string& common_name,
                                 const std::vector<std::string>& names,
                                 std::chrono::seconds lifetime, WallTime now);
// the first of the text
Result<CertificateInfo> read_certificate(const std::string& pem);
Status check_key_matches(const std::string& certificate, const Secret& key);

}  // namespace podplay::net
