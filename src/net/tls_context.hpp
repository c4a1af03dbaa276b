// TLS set-up that the server and the client of this module need. Internal to net.
#pragma once

#include <openssl/ssl.h>

#include <memory>
#include <mutex>
#include <string>

#include "net/http.hpp"

namespace podplay::net {

// A server's certificate and key. May be replaced by one thread while others make handshakes.
class ServerIdentities {
 public:
  explicit ServerIdentities(TlsIdentity identity) : identity_(std::move(identity)) {}
  void set(TlsIdentity identity);
  TlsIdentity get() const;
  // An error when the key does not belong to the certificate.
  Status check() const;

 private:
  mutable std::mutex mutex_;
  // Guarded by mutex_.
  TlsIdentity identity_;
};

// Sets a context up for TLS 1.2 or newer. Each handshake uses the identity of that moment. With
// `client_ca` (PEM, may be empty) clients must show a certificate of that CA, unless
// `client_optional`. False when the identity or the CA cannot be read.
bool set_up_server(SSL_CTX& context, const std::shared_ptr<ServerIdentities>& identities,
                   const std::string& client_ca, bool client_optional);

// The common name in the peer's certificate; empty without a certificate.
std::string peer_common_name(const SSL* ssl);

// Frees both when it is destroyed.
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
// The caller frees the result. nullptr when the text has no certificate.
X509_STORE* make_store(const std::string& pem);

}  // namespace podplay::net
