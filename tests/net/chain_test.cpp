// A chain is checked link by link, and a challenge is answered as RFC 8737 says.
#include "net/chain.hpp"

#include <gtest/gtest.h>

#include "net/pki.hpp"

namespace podplay::net {
namespace {

using namespace std::chrono_literals;
using test::Pki;

TEST(Chain, IsTakenApartAndChecked) {
  const Pki pki;
  const std::string leaf = issue_certificate(pki.ca, make_private_key().value(), "leaf", {"a.test"},
                                             60min, pki.clock.now())
                               .value();
  const auto chain = split_chain("words before\n" + leaf + "\n" + pki.ca.certificate);
  ASSERT_TRUE(chain);
  EXPECT_EQ(*chain, (std::vector<std::string>{leaf, pki.ca.certificate}));
  EXPECT_TRUE(check_chain(*chain));
  EXPECT_EQ(check_chain({pki.ca.certificate, leaf}).error().code, "broken_chain");
  const auto other = make_authority("test CA", std::chrono::days(1), pki.clock.now()).value();
  EXPECT_EQ(check_chain({leaf, other.certificate}).error().code, "broken_chain")
      << "the name of the issuer, but another key";
  EXPECT_FALSE(split_chain("no certificate"));
}

TEST(Chain, AChallengeCertificateIsThatOfRfc8737) {
  const Secret key = make_private_key().value();
  const std::string digest(32, 'd');
  const auto pem = make_challenge_certificate(key, "a.test", digest, SystemClock().now());
  ASSERT_TRUE(pem) << describe(pem.error());
  EXPECT_EQ(read_certificate(*pem)->names, std::vector<std::string>{"a.test"});
  EXPECT_TRUE(check_key_matches(*pem, key));
  // The identifier 1.3.6.1.5.5.7.1.31, critical, and an OCTET STRING within the extension's.
  const std::string extension = std::string("\x06\x08\x2b\x06\x01\x05\x05\x07\x01\x1f", 10) +
                                "\x01\x01\xff\x04\x22\x04\x20" + digest;
  EXPECT_NE(certificate_der(*pem)->find(extension), std::string::npos);
}

}  // namespace
}  // namespace podplay::net
