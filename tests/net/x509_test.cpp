// Certificates name what the caller says, and nothing that a request says.
#include "net/x509.hpp"

#include <gtest/gtest.h>

#include "net/pki.hpp"
#include "net/signing_request.hpp"

namespace podplay::net {
namespace {

using namespace std::chrono_literals;
using test::Pki;

TEST(X509, ANameThatIsTooLongForTheSubjectIsStillAnAlternativeName) {
  const Pki pki;
  const std::string name = std::string(63, 'b') + ".test";
  const auto leaf =
      issue_certificate(pki.ca, make_private_key().value(), name, {name}, 60min, pki.clock.now());
  ASSERT_TRUE(leaf) << describe(leaf.error());
  EXPECT_EQ(read_certificate(*leaf)->names, std::vector<std::string>{name});
}

TEST(X509, RequestsAreCheckedAndSigned) {
  const Pki pki;
  const Secret key = make_private_key().value();
  const std::string request = make_signing_request(key, "whatever").value();
  const auto leaf =
      sign_request(pki.ca, request, "mail", {"mail.example.com"}, 60min, pki.clock.now());
  ASSERT_TRUE(leaf);
  const auto info = read_certificate(*leaf);
  EXPECT_EQ(info->common_name, "mail") << "the name is ours to give";
  EXPECT_EQ(info->names, std::vector<std::string>{"mail.example.com"});
  EXPECT_EQ(info->issuer, "test CA");
  EXPECT_TRUE(check_key_matches(*leaf, key));
  EXPECT_FALSE(check_key_matches(*leaf, make_private_key().value()));
  EXPECT_FALSE(sign_request(pki.ca, "nonsense", "mail", {}, 60min, pki.clock.now()));
}

TEST(X509, NamesAndAddressesOfACertificate) {
  const Pki pki;
  const auto leaf =
      issue_certificate(pki.ca, make_private_key().value(), "leaf",
                        {"b.test", "2001:db8::1", "a.test", "192.0.2.1"}, 60min, pki.clock.now());
  const auto info = read_certificate(leaf.value());
  ASSERT_TRUE(info);
  EXPECT_EQ(info->names, (std::vector<std::string>{"a.test", "b.test"}));
  EXPECT_EQ(info->addresses, (std::vector<std::string>{"192.0.2.1", "2001:db8::1"}));
}

}  // namespace
}  // namespace podplay::net
