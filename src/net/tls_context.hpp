// What servers and clients of this module share of OpenSSL. Internal to net.
#pragma once

#include <openssl/ssl.h>

#include <memory>
#include <mutex>
#include <string>

#include "net/http.hpp"

namespace podplay::net {

// A server's certificate and key that can be replaced while connections come in.
class ServerIdentities {
 public:
  explicit ServerIdentities(TlsIdentity identity) : identity_(std::move(identity)) {}
  void set(TlsIdentity identity);
  TlsIdentity get() const;
  // the key belongs to the certificate
  Status check() const;

 private:
  mutable std::mutex mutex_;
  TlsIdentity identity_;
};

// TLS 1.2 or newer, the current identity for each handshake, client certificates by `client_ca`
// (PEM, may be empty).
bool set_up_server(SSL_CTX& context, const std::shared_ptr<ServerIdentities>& identities,
                   const std::string& client_ca, bool client_optional);

// empty without a client certificate
std::string peer_common_name(const SSL* ssl);

struct LeafAndKey {
  X509* certificate = nullptr;
  EVP_PKEY* key = nullptr;
  LeafAndKey() = default;
  LeafAndKey(const LeafAndKey&) = delete;
  LeafAndKey& operator=(const LeafAndKey&) = delete;
  ~LeafAndKey();
};
// Reads the first certificate and the key of an identity; false when one cannot be read.
bool read_identity(const TlsIdentity& identity, LeafAndKey& into);
// the caller owns it; nullptr when nothing could be read
X509_STORE* make_store(const std::string& pem);

}  // namespace podplay::net
