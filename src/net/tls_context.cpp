// OpenSSL contexts for the HTTP server and client. Nothing here leaves an error in OpenSSL's queue,
// where a later call would find it.
#include "net/tls_context.hpp"

#include <openssl/err.h>
#include <openssl/pem.h>

#include "net/x509.hpp"

namespace podplay::net {
namespace {

// The callback that chooses the identity of a handshake. `argument` is the ServerIdentities.
int choose_identity(SSL* ssl, void* argument) {
  const auto* identities = static_cast<ServerIdentities*>(argument);
  LeafAndKey pair;
  if (!read_identity(identities->get(), pair)) {
    return 0;
  }
  const bool used =
      SSL_use_certificate(ssl, pair.certificate) == 1 && SSL_use_PrivateKey(ssl, pair.key) == 1;
  return used ? 1 : 0;
}

}  // namespace

void ServerIdentities::set(TlsIdentity identity) {
  const std::scoped_lock lock(mutex_);
  identity_ = std::move(identity);
}

TlsIdentity ServerIdentities::get() const {
  const std::scoped_lock lock(mutex_);
  return identity_;
}

Status ServerIdentities::check() const {
  return check_key_matches(identity_.certificate, identity_.key);
}

bool set_up_server(SSL_CTX& context, const std::shared_ptr<ServerIdentities>& identities,
                   const std::string& client_ca, bool client_optional) {
  if (SSL_CTX_set_min_proto_version(&context, TLS1_2_VERSION) != 1) {
    return false;
  }
  SSL_CTX_set_cert_cb(&context, choose_identity, identities.get());
  LeafAndKey pair;
  if (!read_identity(identities->get(), pair) ||
      SSL_CTX_use_certificate(&context, pair.certificate) != 1 ||
      SSL_CTX_use_PrivateKey(&context, pair.key) != 1) {
    return false;
  }
  if (client_ca.empty()) {
    return true;
  }
  X509_STORE* store = make_store(client_ca);
  if (store == nullptr) {
    return false;
  }
  // The context frees the store.
  SSL_CTX_set_cert_store(&context, store);
  SSL_CTX_set_verify(
      &context,
      client_optional ? SSL_VERIFY_PEER : SSL_VERIFY_PEER | SSL_VERIFY_FAIL_IF_NO_PEER_CERT,
      nullptr);
  // OpenSSL resumes sessions with client certificates only when the context has a name.
  static constexpr unsigned char kContext[] = "podplay";
  return SSL_CTX_set_session_id_context(&context, kContext, sizeof kContext - 1) == 1;
}

std::string peer_common_name(const SSL* ssl) {
  X509* peer = SSL_get1_peer_certificate(ssl);
  if (peer == nullptr) {
    return {};
  }
  char name[256] = "";
  X509_NAME_get_text_by_NID(X509_get_subject_name(peer), NID_commonName, name, sizeof name);
  X509_free(peer);
  return name;
}

LeafAndKey::~LeafAndKey() {
  X509_free(certificate);
  EVP_PKEY_free(key);
}

bool read_identity(const TlsIdentity& identity, LeafAndKey& into) {
  BIO* certificate =
      BIO_new_mem_buf(identity.certificate.data(), static_cast<int>(identity.certificate.size()));
  BIO* key =
      BIO_new_mem_buf(identity.key.reveal().data(), static_cast<int>(identity.key.reveal().size()));
  into.certificate = PEM_read_bio_X509(certificate, nullptr, nullptr, nullptr);
  into.key = PEM_read_bio_PrivateKey(key, nullptr, nullptr, nullptr);
  BIO_free(certificate);
  BIO_free(key);
  ERR_clear_error();
  return into.certificate != nullptr && into.key != nullptr;
}

X509_STORE* make_store(const std::string& pem) {
  X509_STORE* store = X509_STORE_new();
  BIO* bio = BIO_new_mem_buf(pem.data(), static_cast<int>(pem.size()));
  int count = 0;
  while (X509* certificate = PEM_read_bio_X509(bio, nullptr, nullptr, nullptr)) {
    count += X509_STORE_add_cert(store, certificate);
    X509_free(certificate);
  }
  BIO_free(bio);
  // Reading beyond the last certificate left an error in the queue.
  ERR_clear_error();
  if (count > 0) {
    return store;
  }
  X509_STORE_free(store);
  return nullptr;
}

}  // namespace podplay::net
