// Certificates of every kind that a person may bring, also ones that no authority would sign.
#pragma once

#include <openssl/err.h>
#include <openssl/pem.h>
#include <openssl/rand.h>

#include <stdexcept>
#include <string>
#include <utility>
#include <vector>

#include "base/clock.hpp"
#include "net/openssl.hpp"

namespace podplay::test {

struct Forged {
  std::string certificate;
  Secret key;
};

struct Recipe {
  std::string name = "leaf";
  // "DNS:a.test,IP:192.0.2.1"; empty: none.
  std::string names{};
  // nullptr: it signs itself.
  const Forged* issuer = nullptr;
  bool authority = false;
  // "P-256", "P-521", "RSA 2048", "ED25519".
  std::string key = "P-256";
  std::string digest = "SHA256";
  // From now.
  std::chrono::hours from{-1};
  std::chrono::hours to{24 * 60};
  // Extensions as x509v3_config(5) writes them.
  std::vector<std::pair<int, std::string>> more{};
};

inline net::Key forge_key(const std::string& kind) {
  if (kind.starts_with("RSA ")) {
    return net::Key(EVP_RSA_gen(static_cast<unsigned>(std::stoi(kind.substr(4)))));
  }
  if (kind.starts_with("P-")) {
    return net::Key(EVP_EC_gen(kind.c_str()));
  }
  return net::Key(EVP_PKEY_Q_keygen(nullptr, nullptr, kind.c_str()));
}

inline Forged forge(const Recipe& recipe, WallTime now) {
  const auto need = [](bool fine) {
    if (!fine) {
      throw std::runtime_error(ERR_reason_error_string(ERR_get_error()));
    }
  };
  const net::Key key = forge_key(recipe.key);
  const net::Certificate made(X509_new());
  const auto issuer = recipe.issuer == nullptr
                          ? net::Certificate()
                          : net::parse_certificate(recipe.issuer->certificate).value();
  const auto issuer_key =
      recipe.issuer == nullptr ? net::Key() : net::parse_key(recipe.issuer->key).value();
  X509* signer = issuer ? issuer.get() : made.get();
  const auto seconds = static_cast<std::time_t>(to_millis(now) / 1000);
  std::uint32_t serial = 0;
  RAND_bytes(reinterpret_cast<unsigned char*>(&serial), sizeof serial);
  X509_NAME* subject = X509_get_subject_name(made.get());
  const auto* words = reinterpret_cast<const unsigned char*>(recipe.name.c_str());
  need(key && X509_set_version(made.get(), 2) == 1 &&
       ASN1_INTEGER_set(X509_get_serialNumber(made.get()), serial / 2 + 1) == 1 &&
       X509_NAME_add_entry_by_txt(subject, "CN", MBSTRING_UTF8, words, -1, -1, 0) == 1 &&
       X509_set_issuer_name(made.get(), X509_get_subject_name(signer)) == 1 &&
       X509_set_pubkey(made.get(), key.get()) == 1);
  ASN1_TIME_set(X509_getm_notBefore(made.get()),
                seconds + std::chrono::seconds(recipe.from).count());
  ASN1_TIME_set(X509_getm_notAfter(made.get()), seconds + std::chrono::seconds(recipe.to).count());
  auto extensions = recipe.more;
  extensions.emplace_back(NID_basic_constraints,
                          recipe.authority ? "critical,CA:TRUE" : "critical,CA:FALSE");
  if (!recipe.names.empty()) {
    extensions.emplace_back(NID_subject_alt_name, recipe.names);
  }
  for (const auto& [nid, value] : extensions) {
    X509V3_CTX context;
    X509V3_set_ctx(&context, signer, made.get(), nullptr, nullptr, 0);
    X509_EXTENSION* extension = X509V3_EXT_conf_nid(nullptr, &context, nid, value.c_str());
    need(extension != nullptr && X509_add_ext(made.get(), extension, -1) == 1);
    X509_EXTENSION_free(extension);
  }
  EVP_PKEY* with = issuer_key ? issuer_key.get() : key.get();
  const bool own_digest = EVP_PKEY_get_base_id(with) == EVP_PKEY_ED25519;
  need(X509_sign(made.get(), with,
                 own_digest ? nullptr : EVP_get_digestbyname(recipe.digest.c_str())) > 0);
  const net::Bio bio(BIO_new(BIO_s_mem()));
  need(PEM_write_bio_PrivateKey(bio.get(), key.get(), nullptr, nullptr, 0, nullptr, nullptr) == 1);
  return {.certificate = net::certificate_pem(made.get()).value(),
          .key = Secret(net::text_of(bio.get()))};
}

// The names that a domain's certificate must cover.
inline std::string names_of_domain(const std::string& domain) {
  return "DNS:" + domain + ",DNS:*." + domain;
}

}  // namespace podplay::test
