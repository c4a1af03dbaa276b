// Owners, errors and PEM over OpenSSL 3.
#include "net/openssl.hpp"

#include <fmt/format.h>
#include <openssl/err.h>
#include <openssl/pem.h>

namespace podplay::net {

std::unexpected<Error> openssl_error(std::string_view attempt) {
  const unsigned long code = ERR_get_error();
  ERR_clear_error();
  const char* words = code == 0 ? nullptr : ERR_reason_error_string(code);
  return fail(ErrorKind::io, "certificate",
              fmt::format("cannot {}: {}", attempt, words == nullptr ? "no reason given" : words));
}

Bio read_bio(const std::string& text) {
  return Bio(BIO_new_mem_buf(text.data(), static_cast<int>(text.size())));
}

std::string text_of(BIO* bio) {
  char* data = nullptr;
  const auto size = BIO_get_mem_data(bio, &data);
  return {data, static_cast<std::size_t>(size)};
}

std::string octets_of(const ASN1_STRING* text) {
  return {reinterpret_cast<const char*>(ASN1_STRING_get0_data(text)),
          static_cast<std::size_t>(ASN1_STRING_length(text))};
}

Result<Key> parse_key(const Secret& pem) {
  const Bio bio = read_bio(pem.reveal());
  Key key(PEM_read_bio_PrivateKey(bio.get(), nullptr, nullptr, nullptr));
  if (!key) {
    return openssl_error("read the private key");
  }
  return key;
}

Result<Certificate> parse_certificate(const std::string& pem) {
  const Bio bio = read_bio(pem);
  Certificate certificate(PEM_read_bio_X509(bio.get(), nullptr, nullptr, nullptr));
  if (!certificate) {
    return openssl_error("read the certificate");
  }
  return certificate;
}

Result<std::string> certificate_pem(X509* certificate) {
  const Bio bio(BIO_new(BIO_s_mem()));
  if (PEM_write_bio_X509(bio.get(), certificate) != 1) {
    return openssl_error("write the certificate");
  }
  return text_of(bio.get());
}

}  // namespace podplay::net
