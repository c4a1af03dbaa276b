// What a stranger may see of text that a server wrote.
#include "control/watch/tools/pseudonyms.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace podplay::control {
namespace {

using testing::HasSubstr;
using testing::MatchesRegex;
using testing::Not;
using Json = nlohmann::json;

class PseudonymsTest : public testing::Test {
 protected:
  std::string hide(std::string_view text) const { return pseudonyms_.hide(text); }
  // The pseudonym of a name.
  std::string of(const std::string& name) const {
    const std::string address = hide(name + "@example.com");
    return address.substr(0, address.find('@'));
  }

  const Pseudonyms pseudonyms_{Secret("key of the test"),
                               {"alice", "alice.liddell", "mail", "postmaster", "bo", "Dodgson"}};
};

TEST_F(PseudonymsTest, AnAddressKeepsItsDomain) {
  EXPECT_THAT(hide("to=<alice@example.com>"), MatchesRegex("to=<u-[0-9a-f]+@example.com>"));
  EXPECT_THAT(hide("nobody.known@elsewhere.org wrote"),
              MatchesRegex("u-[0-9a-f]+@elsewhere.org wrote"));
}

TEST_F(PseudonymsTest, ThePersonIsTheSameEverywhere) {
  const std::string alice = of("alice");
  EXPECT_EQ(alice.size(), 12U);
  for (const char* text :
       {"user=alice@example.com", "from=<ALICE@example.com>", "(alice@example.com)",
        "/data/user-data/users/alice@example.com/mail/Maildir", "alice logged in", "\"alice\"",
        "email=alice%40example.com&x=1", "\"alice\"@example.com x", "mailto:alice@example.com",
        "the user alice."}) {
    EXPECT_THAT(hide(text), HasSubstr(alice)) << text;
    EXPECT_THAT(hide(text), Not(HasSubstr("alice"))) << text;
  }
  EXPECT_NE(of("alice"), of("alicia"));
}

TEST_F(PseudonymsTest, DetailsAndEncodedAddressesAreHidden) {
  EXPECT_THAT(hide("alice+shopping@example.com"), HasSubstr(of("alice") + "+u-"));
  EXPECT_THAT(hide("alice+shopping@example.com"), Not(HasSubstr("shopping")));
  EXPECT_THAT(hide("<bounce-carol=example.org@list.example>"), Not(HasSubstr("carol")));
  EXPECT_THAT(hide("carol=40example.org"), Not(HasSubstr("carol")));
  EXPECT_THAT(hide("o'brien@example.org"), Not(HasSubstr("brien")));
  EXPECT_THAT(hide("\"the queen\"@example.org"), Not(HasSubstr("queen")));
  EXPECT_THAT(hide("j\xc3\xb6rg@example.org"), Not(HasSubstr("rg@")));
}

TEST_F(PseudonymsTest, OnlyThisServerCanTellWhoItIs) {
  const Pseudonyms other(Secret("another key"), {});
  EXPECT_NE(other.hide("alice@example.com"), hide("alice@example.com"));
}

TEST_F(PseudonymsTest, CommonWordsAndDomainsStay) {
  EXPECT_EQ(hide("mail.example.com: the mail queue of postmaster"),
            "mail.example.com: the mail queue of postmaster");
  EXPECT_EQ(hide("bo is too short for a name"), "bo is too short for a name");
  EXPECT_EQ(hide("a @ b"), "a @ b");
  EXPECT_EQ(hide("ssh@"), "ssh@");
  EXPECT_THAT(hide("DODGSON"), Not(HasSubstr("DODGSON")));
  EXPECT_EQ(hide("alice.example.com"), "alice.example.com") << "it is a host";
}

TEST_F(PseudonymsTest, WhatIsHiddenStaysAsItIs) {
  const std::string once = hide("alice@example.com, alice");
  EXPECT_EQ(hide(once), once);
}

TEST_F(PseudonymsTest, SecretsGoToo) {
  EXPECT_THAT(hide("smtp://user:hunter2@relay.example.com"), Not(HasSubstr("hunter2")));
  EXPECT_THAT(hide("Authorization: Bearer pp_abcdefghijklmnopqrstuvwxyz"),
              Not(HasSubstr("abcdefgh")));
  const Json shown =
      pseudonyms_.hide_json(Json{{"password", "hunter2"},
                                 {"by_user", {{"alice@example.com", 3}}},
                                 {"items", {{{"token", "hunter2"}}}},
                                 {"PODPLAY_ALERT_WEBHOOK", "https://chat.example/hunter2"},
                                 {"state", "ready"},
                                 {"code", "agent_away"},
                                 {"count", 3}});
  EXPECT_THAT(shown.dump(), Not(HasSubstr("hunter2"))) << shown;
  EXPECT_THAT(shown.dump(), Not(HasSubstr("alice"))) << shown;
  EXPECT_EQ(shown["count"], 3);
  EXPECT_EQ(shown["state"], "ready");
  EXPECT_EQ(shown["code"], "agent_away");
}

}  // namespace
}  // namespace podplay::control
