// Keys and certificates over OpenSSL 3. Every failure quotes OpenSSL's reason and clears its error
// queue. Names in a request are never taken over: the caller says what a certificate is for.
#include "net/x509.hpp"

#include <fmt/format.h>
#include <openssl/err.h>
#include <openssl/pem.h>
#include <openssl/rand.h>

#include <algorithm>
#include <ctime>
#include <memory>

#include "base/ascii.hpp"
#include "base/encoding.hpp"
#include "net/alternative_names.hpp"
#include "net/openssl.hpp"

namespace podplay::net {
namespace {

// An extension as OpenSSL's configuration files write it (x509v3_config(5)).
struct ExtensionText {
  int nid;
  std::string value;
};

Status add_extension(X509* certificate, X509* issuer, const ExtensionText& extension) {
  X509V3_CTX context;
  X509V3_set_ctx(&context, issuer, certificate, nullptr, nullptr, 0);
  const std::unique_ptr<X509_EXTENSION, Freer<X509_EXTENSION_free>> made(
      X509V3_EXT_conf_nid(nullptr, &context, extension.nid, extension.value.c_str()));
  if (!made || X509_add_ext(certificate, made.get(), -1) != 1) {
    return openssl_error("add a certificate extension");
  }
  return {};
}

// The last step: names the issuer, adds the extensions and signs.
Status sign_certificate(X509* certificate, X509* issuer, EVP_PKEY* issuer_key,
                        const std::vector<ExtensionText>& extensions) {
  if (X509_set_issuer_name(certificate, X509_get_subject_name(issuer)) != 1) {
    return openssl_error("name the issuer");
  }
  for (const ExtensionText& extension : extensions) {
    TRY(add_extension(certificate, issuer, extension));
  }
  if (X509_sign(certificate, issuer_key, EVP_sha256()) == 0) {
    return openssl_error("sign the certificate");
  }
  return {};
}

// RFC 5280 appendix A.1, ub-common-name. A longer name is left out, since clients look for names
// among the alternative names (RFC 6125 section 6.4.4).
constexpr std::size_t kLongestCommonName = 64;

Status set_basics(X509* certificate, EVP_PKEY* public_key, const std::string& common_name,
                  WallTime from, WallTime to) {
  unsigned char serial[16];
  if (RAND_bytes(serial, sizeof serial) != 1) {
    return openssl_error("make a serial number");
  }
  // Serial numbers are positive (RFC 5280 section 4.1.2.2).
  serial[0] &= 0x7f;
  const std::unique_ptr<BIGNUM, Freer<BN_free>> number(BN_bin2bn(serial, sizeof serial, nullptr));
  X509_NAME* name = X509_get_subject_name(certificate);
  const auto* text = reinterpret_cast<const unsigned char*>(common_name.c_str());
  const bool fine =
      X509_set_version(certificate, 2) == 1 &&
      BN_to_ASN1_INTEGER(number.get(), X509_get_serialNumber(certificate)) != nullptr &&
      ASN1_TIME_set(X509_getm_notBefore(certificate),
                    static_cast<std::time_t>(to_millis(from) / 1000)) != nullptr &&
      ASN1_TIME_set(X509_getm_notAfter(certificate),
                    static_cast<std::time_t>(to_millis(to) / 1000)) != nullptr &&
      X509_set_pubkey(certificate, public_key) == 1 &&
      (common_name.size() > kLongestCommonName ||
       X509_NAME_add_entry_by_txt(name, "CN", MBSTRING_UTF8, text, -1, -1, 0) == 1);
  if (!fine) {
    return openssl_error("fill in the certificate");
  }
  return {};
}

Result<std::string> issue(const CertificateAuthority& authority, EVP_PKEY* public_key,
                          const std::string& common_name, const std::vector<std::string>& names,
                          std::chrono::seconds lifetime, WallTime now) {
  TRY(const auto issuer, parse_certificate(authority.certificate));
  TRY(const auto issuer_key, parse_key(authority.key));
  const Certificate leaf(X509_new());
  // Valid since an hour ago, because the clocks of clients differ.
  TRY(set_basics(leaf.get(), public_key, common_name, now - std::chrono::hours(1), now + lifetime));
  std::vector<ExtensionText> extensions{
      {NID_basic_constraints, "critical,CA:FALSE"}, {NID_key_usage, "critical,digitalSignature"},
      {NID_ext_key_usage, "serverAuth,clientAuth"}, {NID_subject_key_identifier, "hash"},
      {NID_authority_key_identifier, "keyid"},
  };
  if (!names.empty()) {
    extensions.push_back({NID_subject_alt_name, alternative_names(names)});
  }
  TRY(sign_certificate(leaf.get(), issuer.get(), issuer_key.get(), extensions));
  return certificate_pem(leaf.get());
}

std::string common_name_of(const X509_NAME* name) {
  const int at = X509_NAME_get_index_by_NID(name, NID_commonName, -1);
  if (at < 0) {
    return {};
  }
  const ASN1_STRING* value = X509_NAME_ENTRY_get_data(X509_NAME_get_entry(name, at));
  return {reinterpret_cast<const char*>(ASN1_STRING_get0_data(value)),
          static_cast<std::size_t>(ASN1_STRING_length(value))};
}

WallTime to_wall_time(const ASN1_TIME* time) {
  std::tm parts{};
  if (ASN1_TIME_to_tm(time, &parts) != 1) {
    return WallTime{};
  }
  return from_millis(static_cast<std::int64_t>(::timegm(&parts)) * 1000);
}

std::vector<std::string> ocsp_responders(X509* leaf) {
  const std::unique_ptr<STACK_OF(OPENSSL_STRING), Freer<X509_email_free>> urls(
      X509_get1_ocsp(leaf));
  std::vector<std::string> responders;
  for (int i = 0; i < sk_OPENSSL_STRING_num(urls.get()); ++i) {
    responders.emplace_back(sk_OPENSSL_STRING_value(urls.get(), i));
  }
  return responders;
}

}  // namespace

Result<CertificateAuthority> make_authority(const std::string& common_name,
                                            std::chrono::days lifetime, WallTime now) {
  TRY(auto pem, make_private_key());
  TRY(const auto key, parse_key(pem));
  const Certificate root(X509_new());
  TRY(set_basics(root.get(), key.get(), common_name, now - std::chrono::hours(1), now + lifetime));
  TRY(sign_certificate(root.get(), root.get(), key.get(),
                       {{NID_basic_constraints, "critical,CA:TRUE,pathlen:0"},
                        {NID_key_usage, "critical,keyCertSign,cRLSign"},
                        {NID_subject_key_identifier, "hash"}}));
  TRY(auto text, certificate_pem(root.get()));
  return CertificateAuthority{std::move(text), std::move(pem)};
}

Result<std::string> issue_certificate(const CertificateAuthority& authority, const Secret& pem,
                                      const std::string& common_name,
                                      const std::vector<std::string>& names,
                                      std::chrono::seconds lifetime, WallTime now) {
  TRY(const auto key, parse_key(pem));
  return issue(authority, key.get(), common_name, names, lifetime, now);
}

Result<std::string> sign_request(const CertificateAuthority& authority,
                                 const std::string& request_pem, const std::string& common_name,
                                 const std::vector<std::string>& names,
                                 std::chrono::seconds lifetime, WallTime now) {
  const Bio bio = read_bio(request_pem);
  const Request request(PEM_read_bio_X509_REQ(bio.get(), nullptr, nullptr, nullptr));
  EVP_PKEY* key = request ? X509_REQ_get0_pubkey(request.get()) : nullptr;
  if (key == nullptr || X509_REQ_verify(request.get(), key) != 1) {
    ERR_clear_error();
    return fail(ErrorKind::invalid, "bad_signing_request",
                "the signing request cannot be read or its signature is wrong",
                "send a PKCS#10 request in PEM");
  }
  return issue(authority, key, common_name, names, lifetime, now);
}

Result<CertificateInfo> read_certificate(const std::string& pem) {
  TRY(const auto certificate, parse_certificate(pem));
  X509* leaf = certificate.get();
  unsigned char digest[EVP_MAX_MD_SIZE];
  unsigned size = 0;
  if (X509_digest(leaf, EVP_sha256(), digest, &size) != 1) {
    return openssl_error("hash the certificate");
  }
  return CertificateInfo{.common_name = common_name_of(X509_get_subject_name(leaf)),
                         .names = dns_names(leaf),
                         .addresses = ip_addresses(leaf),
                         .not_before = to_wall_time(X509_get0_notBefore(leaf)),
                         .not_after = to_wall_time(X509_get0_notAfter(leaf)),
                         .fingerprint = hex({reinterpret_cast<char*>(digest), size}),
                         .issuer = common_name_of(X509_get_issuer_name(leaf)),
                         .responders = ocsp_responders(leaf)};
}

bool covers(const CertificateInfo& certificate, std::string_view name) {
  const std::size_t dot = std::min(name.find('.'), name.size());
  return std::ranges::any_of(certificate.names, [&](std::string_view covered) {
    return same_word(covered, name) ||
           (dot > 0 && covered.starts_with("*.") && same_word(covered.substr(1), name.substr(dot)));
  });
}

Status check_key_matches(const std::string& certificate_pem_text, const Secret& key_pem) {
  TRY(const auto certificate, parse_certificate(certificate_pem_text));
  TRY(const auto key, parse_key(key_pem));
  if (X509_check_private_key(certificate.get(), key.get()) == 1) {
    return {};
  }
  ERR_clear_error();
  return fail(ErrorKind::invalid, "key_mismatch",
              "the private key does not belong to the certificate",
              "use the pair that was made together");
}

}  // namespace podplay::net
