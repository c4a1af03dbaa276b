// What decides whether a certificate and its key can serve web and mail clients. Nothing here
// trusts what it reads: the texts may come from anybody.
#pragma once

#include <string>
#include <vector>

#include "base/clock.hpp"
#include "base/result.hpp"
#include "base/secret.hpp"
#include "net/x509.hpp"

namespace podplay::net {

struct CertificateTraits {
  // For people: "RSA 1024", "P-256", "ED25519".
  std::string key;
  // RSA with at least 2048 bits, P-256 or P-384: what every client of web and mail knows.
  bool strong_key = false;
  // The digest of the signature: "SHA256"; empty when its algorithm has no digest of its own.
  std::string digest;
  // False for MD5 and SHA-1, with which signatures were forged.
  bool strong_signature = false;
  // It may sign other certificates (RFC 5280 section 4.2.1.9).
  bool authority = false;
  bool self_signed = false;
  // Its purposes (RFC 5280 sections 4.2.1.3 and 4.2.1.12) allow a TLS server.
  bool for_servers = false;
  // It asks clients to end a handshake without a stapled OCSP answer (RFC 7633).
  bool must_staple = false;
};

// Reads the first certificate of the text.
Result<CertificateTraits> read_traits(const std::string& pem);

// Whether a client that asks for `name` accepts the certificate: by an alternative name of the same
// text, or by one that begins with "*." and stands for exactly one label (RFC 6125 section 6.4.3).
// `name` is a DNS name or an IP address in lower case. A name that begins with "*." must be in the
// certificate as it is.
bool covers_name(const CertificateInfo& certificate, const std::string& name);

// Whether clients that know the system's CAs accept the chain for a server at this time. The leaf
// comes first.
bool trusted_by_system(const std::vector<std::string>& chain, WallTime now);

// Whether a passphrase is needed to read the key. Read no such key: OpenSSL would ask the terminal.
bool is_encrypted(const Secret& key);
// The key alone as PKCS #8 in PEM, whatever stood around it.
Result<Secret> plain_key(const Secret& key);

}  // namespace podplay::net
