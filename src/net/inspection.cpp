// Traits of certificates over OpenSSL. The common name never counts as a name (RFC 6125 section
// 6.4.4): no client of today looks at it.
#include "net/inspection.hpp"

#include <fmt/format.h>
#include <openssl/ec.h>
#include <openssl/err.h>
#include <openssl/objects.h>
#include <openssl/pem.h>

#include <algorithm>

#include "base/ascii.hpp"
#include "net/alternative_names.hpp"
#include "net/openssl.hpp"
#include "net/system_cas.hpp"

namespace podplay::net {
namespace {

constexpr int kFewestShownRsaBits = 2048;
// TLS features of RFC 7633: status_request and status_request_v2.
constexpr long kStaple = 5;
constexpr long kStapleAll = 17;

using Store = std::unique_ptr<X509_STORE, Freer<X509_STORE_free>>;
using StoreContext = std::unique_ptr<X509_STORE_CTX, Freer<X509_STORE_CTX_free>>;

void read_key(EVP_PKEY* key, CertificateTraits& traits) {
  if (key == nullptr) {
    traits.key = "unknown";
    return;
  }
  if (EVP_PKEY_get_base_id(key) == EVP_PKEY_RSA || EVP_PKEY_get_base_id(key) == EVP_PKEY_RSA_PSS) {
    const int bits = EVP_PKEY_get_bits(key);
    traits.key = fmt::format("RSA {}", bits);
    // Keys for RSA-PSS only (RFC 8017 section 8.1) are unknown to many clients.
    traits.strong_key = EVP_PKEY_get_base_id(key) == EVP_PKEY_RSA && bits >= kFewestShownRsaBits;
    return;
  }
  char group[64] = "";
  if (EVP_PKEY_get_base_id(key) == EVP_PKEY_EC &&
      EVP_PKEY_get_group_name(key, group, sizeof group, nullptr) == 1) {
    const int curve = OBJ_sn2nid(group);
    const char* usual = EC_curve_nid2nist(curve);
    traits.key = usual == nullptr ? group : usual;
    traits.strong_key = curve == NID_X9_62_prime256v1 || curve == NID_secp384r1;
    return;
  }
  const char* type = EVP_PKEY_get0_type_name(key);
  traits.key = type == nullptr ? "unknown" : type;
}

void read_signature(X509* certificate, CertificateTraits& traits) {
  int digest = NID_undef;
  if (X509_get_signature_info(certificate, &digest, nullptr, nullptr, nullptr) != 1) {
    traits.digest = "unknown";
    return;
  }
  traits.digest = digest == NID_undef ? "" : OBJ_nid2sn(digest);
  const std::string_view weak[] = {"MD2", "MD4", "MD5", "MD5-SHA1", "SHA1"};
  traits.strong_signature = std::ranges::find(weak, traits.digest) == std::end(weak);
}

bool asks_for_staple(const X509* certificate) {
  auto* features =
      static_cast<TLS_FEATURE*>(X509_get_ext_d2i(certificate, NID_tlsfeature, nullptr, nullptr));
  bool found = false;
  for (int i = 0; i < sk_ASN1_INTEGER_num(features); ++i) {
    const long feature = ASN1_INTEGER_get(sk_ASN1_INTEGER_value(features, i));
    found = found || feature == kStaple || feature == kStapleAll;
  }
  TLS_FEATURE_free(features);
  return found;
}

bool is_self_signed(X509* certificate) {
  return X509_check_issued(certificate, certificate) == X509_V_OK &&
         X509_verify(certificate, X509_get0_pubkey(certificate)) == 1;
}

}  // namespace

Result<CertificateTraits> read_traits(const std::string& pem) {
  TRY(const auto certificate, parse_certificate(pem));
  X509* one = certificate.get();
  CertificateTraits traits;
  read_key(X509_get0_pubkey(one), traits);
  read_signature(one, traits);
  traits.authority = X509_check_ca(one) == 1;
  traits.self_signed = is_self_signed(one);
  traits.for_servers = X509_check_purpose(one, X509_PURPOSE_SSL_SERVER, 0) == 1;
  traits.must_staple = asks_for_staple(one);
  ERR_clear_error();
  return traits;
}

bool covers_name(const CertificateInfo& certificate, const std::string& name) {
  if (std::ranges::find(certificate.addresses, name) != certificate.addresses.end()) {
    return true;
  }
  const std::size_t dot = name.find('.');
  const bool one_label = dot != name.npos && dot > 0 && name.front() != '*';
  const std::string wildcard = one_label ? "*" + name.substr(dot) : "";
  return std::ranges::any_of(certificate.names, [&](const std::string& written) {
    const std::string known = lower(written);
    return known == name || (one_label && known == wildcard);
  });
}

bool trusted_by_system(const std::vector<std::string>& chain, WallTime now) {
  const Store store(X509_STORE_new());
  const StoreContext context(X509_STORE_CTX_new());
  std::vector<Certificate> parsed;
  for (const std::string& pem : chain) {
    auto one = parse_certificate(pem);
    if (!one) {
      return false;
    }
    parsed.push_back(std::move(*one));
  }
  auto* untrusted = sk_X509_new_null();
  for (std::size_t i = 1; i < parsed.size(); ++i) {
    sk_X509_push(untrusted, parsed[i].get());
  }
  bool trusted = false;
  if (!parsed.empty() && add_system_cas(*store) &&
      X509_STORE_CTX_init(context.get(), store.get(), parsed.front().get(), untrusted) == 1) {
    X509_STORE_CTX_set_time(context.get(), 0, static_cast<std::time_t>(to_millis(now) / 1000));
    X509_STORE_CTX_set_purpose(context.get(), X509_PURPOSE_SSL_SERVER);
    trusted = X509_verify_cert(context.get()) == 1;
  }
  sk_X509_free(untrusted);
  ERR_clear_error();
  return trusted;
}

bool is_encrypted(const Secret& key) {
  // RFC 7468 section 11, and the older way of RFC 1421.
  return key.reveal().find("BEGIN ENCRYPTED PRIVATE KEY") != std::string::npos ||
         key.reveal().find("Proc-Type: 4,ENCRYPTED") != std::string::npos;
}

Result<Secret> plain_key(const Secret& pem) {
  TRY(const auto key, parse_key(pem));
  const Bio bio(BIO_new(BIO_s_secmem()));
  if (PEM_write_bio_PKCS8PrivateKey(bio.get(), key.get(), nullptr, nullptr, 0, nullptr, nullptr) !=
      1) {
    return openssl_error("write the key");
  }
  return Secret(text_of(bio.get()));
}

}  // namespace podplay::net
