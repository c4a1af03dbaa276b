// A request for a server has all its names, and is signed with its key.
#include "net/signing_request.hpp"

#include <gtest/gtest.h>
#include <openssl/pem.h>

#include "net/x509.hpp"

namespace podplay::net {
namespace {

TEST(X509, ServerRequestsNameAllAndHaveNoSubject) {
  for (const KeyKind kind : {KeyKind::ecdsa_p256, KeyKind::rsa_2048}) {
    const Secret key = make_private_key(kind).value();
    const auto der = make_server_request(key, {"a.test", "*.a.test", "192.0.2.1", "2001:db8::1"});
    ASSERT_TRUE(der) << describe(der.error());
    const auto* at = reinterpret_cast<const unsigned char*>(der->data());
    X509_REQ* request = d2i_X509_REQ(nullptr, &at, static_cast<long>(der->size()));
    ASSERT_NE(request, nullptr);
    EXPECT_EQ(X509_REQ_verify(request, X509_REQ_get0_pubkey(request)), 1);
    EXPECT_EQ(X509_NAME_entry_count(X509_REQ_get_subject_name(request)), 0);
    BIO* text = BIO_new(BIO_s_mem());
    X509_REQ_print(text, request);
    char* words = nullptr;
    const auto size = BIO_get_mem_data(text, &words);
    EXPECT_NE(std::string(words, static_cast<std::size_t>(size))
                  .find("DNS:a.test, DNS:*.a.test, IP Address:192.0.2.1, "
                        "IP Address:2001:DB8:0:0:0:0:0:1"),
              std::string::npos);
    BIO_free(text);
    X509_REQ_free(request);
  }
  EXPECT_FALSE(make_server_request(Secret("no key"), {"a.test"}));
}

}  // namespace
}  // namespace podplay::net
