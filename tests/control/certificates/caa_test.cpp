// CAA records: examples of RFC 8659 sections 4.2 to 4.5 and of RFC 8657.
#include "control/certificates/caa.hpp"

#include <gtest/gtest.h>

namespace podplay::control {
namespace {

using Records = std::vector<std::string>;

const CaaQuestion kQuestion{.identities = {"ca1.example.net", "letsencrypt.org"},
                            .account = "https://ca1.example.net/account/1",
                            .type = acme::ChallengeType::dns_01};

std::string judged(const Records& records, const CaaQuestion& question = kQuestion) {
  return judge_caa(records, question).words;
}

TEST(Caa, NoRecordThatCountsAllows) {
  EXPECT_EQ(judged({}), "");
  EXPECT_EQ(judged({"0 iodef \"mailto:security@example.com\""}), "");
  EXPECT_EQ(judged({"0 issuewild \";\""}), "") << "not for plain names";
  EXPECT_EQ(judged({"0 unknown \"x\""}), "");
}

TEST(Caa, OneRecordThatAllowsIsEnough) {
  EXPECT_EQ(judged({"0 issue \"ca1.example.net\""}), "");
  EXPECT_EQ(judged({"0 issue \";\"", "0 ISSUE \" CA1.Example.Net ; account=230123\""}), "");
  EXPECT_EQ(judged({"0 issue \"ca2.example.org\"", "128 issue \"letsencrypt.org\""}), "");
}

TEST(Caa, OthersOrNobody) {
  EXPECT_EQ(judged({"0 issue \";\""}), "forbid every authority");
  EXPECT_EQ(judged({"0 issue \"\""}), "forbid every authority");
  EXPECT_EQ(judged({"0 issue \"%%%%%\""}), "allow only %%%%%");
  EXPECT_EQ(judged({"0 issue \"ca1.example.net; nonsense\""}), "forbid every authority");
  EXPECT_EQ(judged({"0 issue \"b.test\"", "0 issue \"a.test\""}), "allow only a.test, b.test");
}

TEST(Caa, WildcardsHaveTheirOwnRecords) {
  CaaQuestion wild = kQuestion;
  wild.wildcard = true;
  EXPECT_EQ(judged({"0 issue \"ca1.example.net\""}, wild), "");
  EXPECT_EQ(judged({"0 issue \"ca1.example.net\"", "0 issuewild \"ca2.example.org\""}, wild),
            "allow only ca2.example.org");
  EXPECT_EQ(judged({"0 issue \";\"", "0 issuewild \"ca1.example.net\""}, wild), "");
  EXPECT_EQ(judged({"0 issue \";\"", "0 issuewild \"ca1.example.net\""}), "forbid every authority");
}

TEST(Caa, ACriticalPropertyThatNobodyKnowsForbids) {
  EXPECT_NE(judged({"0 issue \"ca1.example.net\"", "128 tbs \"Unknown\""}), "");
  EXPECT_EQ(judged({"0 issue \"ca1.example.net\"", "0 tbs \"Unknown\""}), "");
  EXPECT_NE(judged({"not readable"}), "");
}

TEST(Caa, AccountsAndMethods) {
  EXPECT_EQ(judged({"0 issue \"ca1.example.net; accounturi=https://ca1.example.net/account/1\""}),
            "");
  EXPECT_EQ(judged({"0 issue \"ca1.example.net; accounturi=https://ca1.example.net/account/2\""}),
            "allow ca1.example.net only for the account https://ca1.example.net/account/2");
  EXPECT_EQ(judged({"0 issue \"ca1.example.net; validationmethods=http-01,dns-01\""}), "");
  EXPECT_EQ(judged({"0 issue \"ca1.example.net; validationmethods=http-01\""}),
            "allow ca1.example.net only by http-01, not by dns-01");
  EXPECT_EQ(judged({"0 issue \"ca1.example.net; validationmethods=http-01\"",
                    "0 issue \"ca1.example.net\""}),
            "");
}

TEST(Caa, AnAuthorityWithoutANameIsUnclear) {
  CaaQuestion unknown = kQuestion;
  unknown.identities.clear();
  EXPECT_EQ(judge_caa({"0 issue \"a.test\""}, unknown).answer, CaaAnswer::unclear);
  EXPECT_EQ(judge_caa({"0 issue \";\""}, unknown).answer, CaaAnswer::forbidden);
  EXPECT_EQ(judge_caa({}, unknown).answer, CaaAnswer::allowed);
}

TEST(Caa, EscapesAreText) {
  EXPECT_EQ(
      judged({R"(0 issue "ca1.example.net\; accounturi=https://ca1.example.net/account/\049")"}),
      "");
}

}  // namespace
}  // namespace podplay::control
