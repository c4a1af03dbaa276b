// What a person may choose, and what an administrator may give.
#include "control/identity/passwords.hpp"

#include <gtest/gtest.h>

#include "base/encoding.hpp"
#include "wire/users.hpp"

namespace podplay::control {
namespace {

bool accepts(PasswordChoice choice, const std::string& text) {
  std::vector<Fault> faults;
  check_password(Secret(text), choice, "jane.miller42@tulips.example.org", faults);
  return faults.empty();
}

TEST(Passwords, NobodyGetsABlankOrShortOne) {
  for (const PasswordChoice choice : {PasswordChoice::given, PasswordChoice::own}) {
    for (const std::string& text :
         {std::string("        "), std::string("\t \n     \r"), std::string("short"),
          std::string("\u3000\u3000\u3000"), std::string("\u00a0\u2003\u200b\u2009   "),
          std::string(1025, 'x'), std::string("nul\0inside", 10), std::string()}) {
      EXPECT_FALSE(accepts(choice, text)) << text;
    }
  }
  EXPECT_TRUE(accepts(PasswordChoice::given, "password123"))
      << "a first password from an administrator";
}

TEST(Passwords, APersonDoesNotChooseOneOfTheFirstGuesses) {
  for (const char* text : {"password",      "Password",        "password1",
                           "password123",   "Passw0rd!",       "P@ssw0rd2026",
                           "pass-word",     "p a s s w o r d", "PASSWORD PASSWORD",
                           "drowssap",      "abc123abc",       "qweasdzxc",
                           "passwort",      "qwertyuiop",      "qwertz123",
                           "1qaz2wsx",      "1q2w3e4r",        "q1w2e3r4",
                           "zaq12wsx",      "letmein!!",       "iloveyou",
                           "1loveyou",      "sunshine7",       "Summer2026!",
                           "welcome1",      "admin1234",       "changeme",
                           "!!test!!",      "trustno1",        "aaaaaaaa",
                           "aaaabbbb",      "abababab",        "abcabcabc",
                           "12121212",      "12345678",        "123456789",
                           "87654321",      "abcdefgh",        "hgfedcba",
                           "abcd1234",      "qwer1234",        "asdfasdf",
                           "00000000",      "11112222",        "jane.miller42@tulips.example.org",
                           "JANE.MILLER42", "jane.miller",     "miller42",
                           "miller2026",    "Tulips!!",        "tulips.example.org",
                           "tulips12",      "janemiller42",    "podplay1",
                           "4dm1n1str4t0r"}) {
    EXPECT_FALSE(accepts(PasswordChoice::own, text)) << text;
    EXPECT_TRUE(accepts(PasswordChoice::given, text)) << text;
  }
  for (const char* text :
       {"correct horse 1", "battery staple", "Yd7-rkq2", "83920175", "tulips in the summer rain",
        "my password is long", "kahvikuppi", "\xd0\xbf\xd0\xb0\xd1\x80\xd0\xbe\xd0\xbb\xd1\x8c",
        "jane likes 3 cats", "$HOME`ls`", "xK9#mQ2$", "   leading and trailing   "}) {
    EXPECT_TRUE(accepts(PasswordChoice::own, text)) << text;
  }
}

TEST(Passwords, TheDescriptionNamesTheLimitsOfAHash) {
  for (const wire::FieldRow& field : wire::kUserImport.fields) {
    EXPECT_TRUE(field.name != "password_hash" || field.help.find(kHashLimits) != field.help.npos)
        << field.help;
  }
}

}  // namespace
}  // namespace podplay::control
