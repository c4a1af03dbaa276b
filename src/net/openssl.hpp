// OpenSSL's objects with owners, its errors as ours, and keys and certificates read from PEM.
// Internal to net. Every failure quotes OpenSSL's reason and clears its error queue.
#pragma once

#include <openssl/bio.h>
#include <openssl/evp.h>
#include <openssl/x509v3.h>

#include <memory>
#include <string>
#include <string_view>

#include "base/result.hpp"
#include "base/secret.hpp"

namespace podplay::net {

template <auto Free>
struct Freer {
  template <class T>
  void operator()(T* object) const {
    Free(object);
  }
};
using Key = std::unique_ptr<EVP_PKEY, Freer<EVP_PKEY_free>>;
using Certificate = std::unique_ptr<X509, Freer<X509_free>>;
using Request = std::unique_ptr<X509_REQ, Freer<X509_REQ_free>>;
using Bio = std::unique_ptr<BIO, Freer<BIO_free>>;

std::unexpected<Error> openssl_error(std::string_view attempt);

Bio read_bio(const std::string& text);
std::string text_of(BIO* bio);
std::string octets_of(const ASN1_STRING* text);

Result<Key> parse_key(const Secret& pem);
// The first certificate of the text.
Result<Certificate> parse_certificate(const std::string& pem);
Result<std::string> certificate_pem(X509* certificate);

}  // namespace podplay::net
