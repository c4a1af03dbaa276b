// Chains over OpenSSL. Whether the last certificate is trusted is not asked here: an authority of a
// test or of a company is in nobody's store.
#include "net/chain.hpp"

#include <fmt/format.h>
#include <openssl/err.h>
#include <openssl/pem.h>

#include "net/alternative_names.hpp"
#include "net/openssl.hpp"

namespace podplay::net {
namespace {

// id-pe-acmeIdentifier (RFC 8737 section 6.1).
constexpr const char* kAcmeIdentifier = "1.3.6.1.5.5.7.1.31";

using Extension = std::unique_ptr<X509_EXTENSION, Freer<X509_EXTENSION_free>>;

Status add(X509* certificate, const Extension& extension) {
  if (!extension || X509_add_ext(certificate, extension.get(), -1) != 1) {
    return openssl_error("add a certificate extension");
  }
  return {};
}

// The extension with the digest, critical: DER of an OCTET STRING of 32 octets.
Extension acme_identifier(const std::string& digest) {
  std::string der{'\x04', '\x20'};
  der += digest;
  const std::unique_ptr<ASN1_OCTET_STRING, Freer<ASN1_OCTET_STRING_free>> value(
      ASN1_OCTET_STRING_new());
  const std::unique_ptr<ASN1_OBJECT, Freer<ASN1_OBJECT_free>> name(OBJ_txt2obj(kAcmeIdentifier, 1));
  if (ASN1_OCTET_STRING_set(value.get(), reinterpret_cast<const unsigned char*>(der.data()),
                            static_cast<int>(der.size())) != 1) {
    return nullptr;
  }
  return Extension(X509_EXTENSION_create_by_OBJ(nullptr, name.get(), 1, value.get()));
}

}  // namespace

Result<std::vector<std::string>> split_chain(const std::string& pem) {
  const Bio bio = read_bio(pem);
  std::vector<std::string> chain;
  while (const Certificate one{PEM_read_bio_X509(bio.get(), nullptr, nullptr, nullptr)}) {
    TRY(auto text, certificate_pem(one.get()));
    chain.push_back(std::move(text));
  }
  // Reading beyond the last certificate left an error in the queue.
  ERR_clear_error();
  if (chain.empty()) {
    return fail(ErrorKind::invalid, "no_certificate", "there is no certificate in PEM");
  }
  return chain;
}

Status check_chain(const std::vector<std::string>& chain) {
  for (std::size_t i = 0; i + 1 < chain.size(); ++i) {
    TRY(const auto subject, parse_certificate(chain[i]));
    TRY(const auto issuer, parse_certificate(chain[i + 1]));
    const bool fits = X509_check_issued(issuer.get(), subject.get()) == X509_V_OK &&
                      X509_verify(subject.get(), X509_get0_pubkey(issuer.get())) == 1;
    ERR_clear_error();
    if (!fits) {
      return fail(
          ErrorKind::invalid, "broken_chain",
          fmt::format("certificate {} of the chain was not signed by certificate {}", i + 1, i + 2),
          "put the certificate first, then the one that signed it, and so on");
    }
  }
  return {};
}

Result<std::string> certificate_der(const std::string& pem) {
  TRY(const auto certificate, parse_certificate(pem));
  const Bio bio(BIO_new(BIO_s_mem()));
  if (i2d_X509_bio(bio.get(), certificate.get()) != 1) {
    return openssl_error("write the certificate");
  }
  return text_of(bio.get());
}

Result<CertificateNumber> certificate_number(const std::string& pem) {
  TRY(const auto certificate, parse_certificate(pem));
  const ASN1_OCTET_STRING* authority = X509_get0_authority_key_id(certificate.get());
  if (authority == nullptr) {
    return fail(ErrorKind::invalid, "no_authority_key",
                "the certificate does not say which key of its issuer signed it");
  }
  unsigned char* der = nullptr;
  const int size = i2d_ASN1_INTEGER(X509_get0_serialNumber(certificate.get()), &der);
  if (size < 3) {
    return openssl_error("read the serial number");
  }
  // A serial number has 20 octets at most, so that tag and length take one octet each.
  std::string serial(reinterpret_cast<char*>(der) + 2, static_cast<std::size_t>(size) - 2);
  OPENSSL_free(der);
  return CertificateNumber{.authority_key = octets_of(authority), .serial = std::move(serial)};
}

Result<std::string> make_challenge_certificate(const Secret& pem, const std::string& name,
                                               const std::string& digest, WallTime now) {
  TRY(const auto key, parse_key(pem));
  const Certificate leaf(X509_new());
  const auto from = static_cast<std::time_t>(to_millis(now) / 1000) - 3600;
  constexpr std::time_t kWeek = std::chrono::seconds(std::chrono::days(7)).count();
  X509_NAME* subject = X509_get_subject_name(leaf.get());
  const auto* words = reinterpret_cast<const unsigned char*>("ACME challenge");
  const bool fine =
      X509_set_version(leaf.get(), 2) == 1 &&
      ASN1_INTEGER_set(X509_get_serialNumber(leaf.get()), 1) == 1 &&
      ASN1_TIME_set(X509_getm_notBefore(leaf.get()), from) != nullptr &&
      ASN1_TIME_set(X509_getm_notAfter(leaf.get()), from + kWeek) != nullptr &&
      X509_set_pubkey(leaf.get(), key.get()) == 1 &&
      X509_NAME_add_entry_by_txt(subject, "CN", MBSTRING_UTF8, words, -1, -1, 0) == 1 &&
      X509_set_issuer_name(leaf.get(), subject) == 1;
  if (!fine) {
    return openssl_error("fill in the certificate");
  }
  const std::string names = alternative_names({name});
  TRY(add(leaf.get(),
          Extension(X509V3_EXT_conf_nid(nullptr, nullptr, NID_subject_alt_name, names.c_str()))));
  TRY(add(leaf.get(), acme_identifier(digest)));
  if (X509_sign(leaf.get(), key.get(), EVP_sha256()) == 0) {
    return openssl_error("sign the certificate");
  }
  return certificate_pem(leaf.get());
}

}  // namespace podplay::net
