// Passkeys of all three algorithms, and every part of an answer made wrong.
#include "auth/webauthn.hpp"

#include <gtest/gtest.h>

#include <functional>

#include "auth/cbor.hpp"
#include "auth/soft_authenticator.hpp"

namespace podplay::auth {
namespace {

using test::Answered;
using test::SoftAuthenticator;

const RelyingParty kParty{
    .id = "control.example.test",
    .origins = {"https://control.example.test", "https://control.example.test:8443"}};
const std::string kChallenge = "a challenge of some octets";

Result<Passkey> enrol(const SoftAuthenticator& device, Answered answered = {}) {
  if (answered.type.empty()) {
    answered.type = "webauthn.create";
  }
  return check_registration(kParty, kChallenge,
                            {.client_data = SoftAuthenticator::client_data(kChallenge, answered),
                             .attestation_object = device.attestation(answered)});
}

Result<PasskeyUse> use(const SoftAuthenticator& device, const Passkey& passkey,
                       const Answered& answered = {}) {
  const auto made = device.sign(kChallenge, answered);
  return check_assertion(kParty, kChallenge, passkey,
                         {.client_data = made.client_data,
                          .authenticator_data = made.authenticator_data,
                          .signature = made.signature});
}

TEST(WebAuthn, EveryAlgorithmThatWeAskForLogsIn) {
  for (const int algorithm : kPasskeyAlgorithms) {
    const SoftAuthenticator device(algorithm);
    const auto passkey = enrol(device);
    ASSERT_TRUE(passkey) << algorithm << ": " << describe(passkey.error());
    EXPECT_EQ(passkey->algorithm, algorithm);
    EXPECT_EQ(passkey->credential, device.credential());
    EXPECT_EQ(passkey->counter, 1U);
    EXPECT_EQ(passkey->product, std::string(32, '0'));
    const auto used = use(device, *passkey, {.counter = 2});
    ASSERT_TRUE(used) << algorithm << ": " << describe(used.error());
    EXPECT_EQ(used->counter, 2U);
    EXPECT_FALSE(used->went_back);
  }
}

TEST(WebAuthn, AnAnswerThatIsWrongInOnePartIsRefused) {
  const SoftAuthenticator device;
  const auto passkey = enrol(device);
  ASSERT_TRUE(passkey);
  const std::pair<Answered, const char*> wrong[] = {
      {{.type = "webauthn.create"}, "type"},
      {{.origin = "https://control.example.test.evil.test"}, "page"},
      {{.origin = "http://control.example.test"}, "page"},
      {{.origin = "https://control.example.test:9443"}, "page"},
      {{.party = "example.test"}, "not one of control.example.test"},
      {{.cross_origin = true}, "frame"},
      {{.flags = 0x01}, "verify the person"},
      {{.flags = 0x04}, "verify the person"},
      {{.flags = 0x15}, "contradicts"},
  };
  for (const auto& [answered, words] : wrong) {
    const auto used = use(device, *passkey, answered);
    ASSERT_FALSE(used) << words;
    EXPECT_EQ(used.error().code, "bad_passkey");
    EXPECT_NE(used.error().message.find(words), std::string::npos) << used.error().message;
    Answered enrolled = answered;
    if (enrolled.type == "webauthn.create") {
      enrolled.type = "webauthn.get";
    }
    EXPECT_FALSE(enrol(device, enrolled)) << words;
  }
}

TEST(WebAuthn, AnotherChallengeIsRefused) {
  const SoftAuthenticator device;
  const auto passkey = enrol(device);
  const auto made = device.sign("another one");
  const auto used = check_assertion(kParty, kChallenge, *passkey,
                                    {.client_data = made.client_data,
                                     .authenticator_data = made.authenticator_data,
                                     .signature = made.signature});
  ASSERT_FALSE(used);
  EXPECT_NE(used.error().message.find("another question"), std::string::npos);
}

TEST(WebAuthn, AChangedBitOrAnotherDevicesKeyIsRefused) {
  for (const int algorithm : kPasskeyAlgorithms) {
    const SoftAuthenticator device(algorithm);
    const auto passkey = enrol(device);
    const auto made = device.sign(kChallenge);
    const auto refused = [&](std::function<void(Assertion&)> change) {
      Assertion assertion{.client_data = made.client_data,
                          .authenticator_data = made.authenticator_data,
                          .signature = made.signature};
      change(assertion);
      return !check_assertion(kParty, kChallenge, *passkey, assertion);
    };
    EXPECT_TRUE(refused([](Assertion& one) { one.signature.back() ^= 1; }));
    EXPECT_TRUE(refused([](Assertion& one) { one.signature.clear(); }));
    EXPECT_TRUE(refused([](Assertion& one) { one.authenticator_data.back() ^= 1; }));
    EXPECT_TRUE(refused([](Assertion& one) { one.client_data += " "; }));
    const SoftAuthenticator other(algorithm);
    EXPECT_FALSE(use(other, *passkey));
  }
}

TEST(WebAuthn, ACounterThatGoesBackIsToldAndNoReasonToRefuse) {
  const SoftAuthenticator device;
  auto passkey = enrol(device, {.counter = 7});
  ASSERT_TRUE(passkey);
  EXPECT_TRUE(use(device, *passkey, {.counter = 7})->went_back);
  EXPECT_TRUE(use(device, *passkey, {.counter = 0})->went_back);
  EXPECT_FALSE(use(device, *passkey, {.counter = 8})->went_back);
  // Synced passkeys do not count.
  passkey->counter = 0;
  EXPECT_FALSE(use(device, *passkey, {.counter = 0})->went_back);
}

TEST(WebAuthn, CopiesAreTold) {
  const SoftAuthenticator device;
  const auto passkey = enrol(device, {.flags = 0x1d});
  ASSERT_TRUE(passkey);
  EXPECT_TRUE(passkey->may_be_copied);
  EXPECT_TRUE(passkey->is_copied);
}

TEST(WebAuthn, WhatIsNoAnswerIsRefused) {
  const SoftAuthenticator device;
  const std::string fine = device.attestation();
  const std::string data = SoftAuthenticator::client_data(kChallenge, {.type = "webauthn.create"});
  for (std::size_t cut = 0; cut < fine.size(); cut += 7) {
    EXPECT_FALSE(check_registration(
        kParty, kChallenge, {.client_data = data, .attestation_object = fine.substr(0, cut)}))
        << cut;
  }
  EXPECT_FALSE(check_registration(kParty, kChallenge,
                                  {.client_data = data, .attestation_object = fine + "x"}));
  for (const char* json :
       {"", "[]", "null", "{}", R"({"challenge": 7})", R"({"challenge": "="})",
        R"({"challenge":"YQ","origin":"https://a.test"})", R"({"type":"t","challenge":"YQ"})"}) {
    EXPECT_FALSE(read_client_data(json)) << json;
  }
  EXPECT_FALSE(read_client_data(std::string(5000, ' ') + "{}"));
  const auto framed = read_client_data(
      R"({"type":"t","challenge":"YQ","origin":"https://a.test","topOrigin":"https://evil.test"})");
  ASSERT_TRUE(framed);
  EXPECT_TRUE(framed->cross_origin);
}

TEST(Cbor, NoLengthClaimsMoreThanThereIs) {
  using namespace std::string_literals;
  EXPECT_TRUE(is_cbor(""));
  EXPECT_TRUE(is_cbor("\xa1\x01\x02\x82\x01\x41x"s)) << "a map, and an array behind it";
  for (const std::string& wrong :
       {"\xba\xa8\xed\xb3\x67\x52\x0b"s, "\x9b\x00\x00\x00\x01\x00\x00\x00\x00\x01"s,
        "\x83\x01\x02"s, "\x42x"s, "\x9f\x01\xff"s,
        // Each array for itself would fit.
        "\x84\x84\x84\x84\x01\x02\x03\x04"s}) {
    EXPECT_FALSE(is_cbor(wrong)) << hex(wrong);
  }
}

TEST(Cbor, FindsOneMemberAndTakesNothingElse) {
  using namespace std::string_literals;
  EXPECT_EQ(cbor_octets_of("\xa1\x61"s + "a\x42xy"s, "a"), "xy");
  // {"b": [1, {"c": h'00'}], "a": h'78'}
  EXPECT_EQ(cbor_octets_of("\xa2\x61"s + "b\x82\x01\xa1\x61"s + "c\x41\x00\x61"s + "a\x41x"s, "a"),
            "x");
  for (const std::string& wrong :
       {""s, "\xa0"s, "\x80"s, "\xa1\x61"s, "\xa1\x61"s + "a\x61x"s, "\xa1\x61"s + "a\x42x"s,
        "\xbf\x61"s + "a\x41x\xff"s, "\xa1\x61"s + "a\x41xx"s, "\xa1\x01\x41x"s,
        "\xbb\xff\xff\xff\xff\xff\xff\xff\xff"s,
        "\xa1\x61"s + "b\x9b\xff\xff\xff\xff\xff\xff\xff\xff"s,
        "\xa2\x61"s + "a\x41x\x61"s + "a\x41x"s}) {
    EXPECT_EQ(cbor_octets_of(wrong, "a"), std::nullopt) << hex(wrong);
  }
  // Nested as deeply as it is long, which costs no stack.
  EXPECT_EQ(cbor_octets_of("\xa1\x61"s + "b" + std::string(100'000, '\x81'), "a"), std::nullopt);
}

}  // namespace
}  // namespace podplay::auth
