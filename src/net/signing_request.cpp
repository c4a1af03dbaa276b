// Requests over OpenSSL. Each is signed with the key that it is for, with SHA-256.
#include "net/signing_request.hpp"

#include <openssl/pem.h>

#include "net/alternative_names.hpp"
#include "net/openssl.hpp"

namespace podplay::net {

Result<std::string> make_signing_request(const Secret& pem, const std::string& common_name) {
  TRY(const auto key, parse_key(pem));
  const Request request(X509_REQ_new());
  const auto* text = reinterpret_cast<const unsigned char*>(common_name.c_str());
  const Bio bio(BIO_new(BIO_s_mem()));
  const bool fine = X509_REQ_set_pubkey(request.get(), key.get()) == 1 &&
                    X509_NAME_add_entry_by_txt(X509_REQ_get_subject_name(request.get()), "CN",
                                               MBSTRING_UTF8, text, -1, -1, 0) == 1 &&
                    X509_REQ_sign(request.get(), key.get(), EVP_sha256()) != 0 &&
                    PEM_write_bio_X509_REQ(bio.get(), request.get()) == 1;
  if (!fine) {
    return openssl_error("make a signing request");
  }
  return text_of(bio.get());
}

Result<std::string> make_server_request(const Secret& pem, const std::vector<std::string>& names) {
  TRY(const auto key, parse_key(pem));
  const Request request(X509_REQ_new());
  const std::string value = alternative_names(names);
  X509_EXTENSION* extension =
      X509V3_EXT_conf_nid(nullptr, nullptr, NID_subject_alt_name, value.c_str());
  const std::unique_ptr<STACK_OF(X509_EXTENSION), Freer<free_extensions>> extensions(
      sk_X509_EXTENSION_new_null());
  const Bio bio(BIO_new(BIO_s_mem()));
  const bool fine = extension != nullptr &&
                    sk_X509_EXTENSION_push(extensions.get(), extension) > 0 &&
                    X509_REQ_add_extensions(request.get(), extensions.get()) == 1 &&
                    X509_REQ_set_pubkey(request.get(), key.get()) == 1 &&
                    X509_REQ_sign(request.get(), key.get(), EVP_sha256()) != 0 &&
                    i2d_X509_REQ_bio(bio.get(), request.get()) == 1;
  if (!fine) {
    return openssl_error("make a signing request");
  }
  return text_of(bio.get());
}

}  // namespace podplay::net
