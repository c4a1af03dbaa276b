// Good names are accepted, and dangerous ones never.
#include "model/names.hpp"

#include <gtest/gtest.h>

namespace podplay {
namespace {

TEST(DomainName, IsLowerCaseAndChecked) {
  EXPECT_EQ(DomainName::parse("Example.COM")->text(), "example.com");
  EXPECT_TRUE(DomainName::parse("xn--bcher-kva.example"));
  EXPECT_TRUE(DomainName::parse("a-b.example"));
  for (const std::string_view bad :
       {"", "com", ".com", "a..b", "-a.com", "a-.com", "a_b.com", "a.com.", "a b.com", "a.com\n",
        "a.1", "1.2.3.4", "../x.com", "a.com'--"}) {
    EXPECT_FALSE(DomainName::parse(bad)) << bad;
  }
  EXPECT_FALSE(DomainName::parse(std::string(64, 'a') + ".com"));
  EXPECT_FALSE(DomainName::parse(std::string("a\0b.com", 7)));
}

// "aaa...aaa.aaa.test" of this length.
std::string long_domain(std::size_t length) {
  std::string name = ".test";
  while (name.size() + 61 < length) {
    name.insert(0, "." + std::string(60, 'a'));
  }
  return std::string(length - name.size(), 'b') + name;
}

// field_case_16
TEST(DomainName, FieldCase16ADomainOfOursLeavesRoomForTheNamesBelowIt) {
  for (const std::size_t length : {235U, 236U, 250U, 251U, 253U}) {
    const std::string name = long_domain(length);
    ASSERT_EQ(name.size(), length);
    EXPECT_TRUE(DomainName::parse(name)) << "other people may have it";
    const auto refused = DomainName::parse_own(name, "name");
    ASSERT_FALSE(refused) << length;
    const Fault& fault = refused.error().faults.at(0);
    EXPECT_EQ(fault.field, "name");
    EXPECT_EQ(fault.code, "domain_too_long");
    EXPECT_NE(fault.message.find("at most 234"), std::string::npos) << fault.message;
  }
  EXPECT_TRUE(DomainName::parse_own(long_domain(234)));
  EXPECT_TRUE(DomainName::parse("_autodiscover._tcp").error().faults.at(0).code == "bad_domain");
  const auto too_long = DomainName::parse(long_domain(254), "name");
  ASSERT_FALSE(too_long);
  EXPECT_NE(too_long.error().faults.at(0).message.find("at most 253"), std::string::npos);
}

TEST(EmailAddress, PartsAndCase) {
  const auto email = EmailAddress::parse("First.Last+Tag@Example.com");
  ASSERT_TRUE(email);
  EXPECT_EQ(email->text(), "first.last+tag@example.com");
  EXPECT_EQ(email->local(), "first.last+tag");
  EXPECT_EQ(email->domain(), "example.com");
}

TEST(EmailAddress, EveryAtomOfRfc5322) {
  for (const char c : std::string("!#$%&'*+-/=?^_`{|}~")) {
    const std::string text = std::string("a") + c + "b@c.com";
    EXPECT_TRUE(EmailAddress::parse(text)) << text;
    EXPECT_EQ(EmailAddress::parse_own(text).has_value(), c != '+' && c != '/') << text;
  }
}

TEST(EmailAddress, ARefusalSaysWhy) {
  const auto why = [](std::string_view text) {
    const auto parsed = EmailAddress::parse_own(text);
    return parsed ? "fine" : parsed.error().message;
  };
  for (const auto& [text, reason] :
       {std::pair<std::string, std::string>{"ab", "it has no @"},
        {"@c.com", "nothing stands before the @"},
        {"a@b", "is not a domain name"},
        {std::string(65, 'a') + "@c.com", "65 octets"},
        {"a@" + std::string(60, 'b') + "." + std::string(63, 'b') + "." + std::string(63, 'b') +
             "." + std::string(62, 'b') + ".com",
         "and 254 are the most"},
        {"-rf@c.com", "begins with -"},
        {"a..b@c.com", "a dot stands only between"},
        {"a\"b@c.com", "the character \" is not allowed"},
        {"a\nb@c.com", "control character"},
        {"ä@c.com", "not all ASCII"},
        {"a+b@c.com", "+ begins a subaddress"},
        {"a/b@c.com", "/ separates folders"}}) {
    EXPECT_NE(why(text).find(reason), std::string::npos) << text << ": " << why(text);
  }
}

TEST(EmailAddress, NothingThatMeansSomethingToADaemon) {
  for (const std::string_view bad :
       {"", "@", "a@", "@example.com", "a@b", ".a@b.com", "a.@b.com", "a..b@c.com", "a b@c.com",
        "../../etc@c.com", "a\"b@c.com", "a\\b@c.com", "a\nb@c.com", "a\r\nRCPT@c.com", "-rf@c.com",
        "ä@c.com"}) {
    EXPECT_FALSE(EmailAddress::parse(bad)) << bad;
  }
  EXPECT_FALSE(EmailAddress::parse(std::string(65, 'a') + "@example.com"));
  EXPECT_TRUE(EmailAddress::parse(std::string(64, 'a') + "@example.com"));
}

TEST(AliasAddress, CatchAll) {
  const auto all = AliasAddress::parse("@Example.com");
  ASSERT_TRUE(all);
  EXPECT_TRUE(all->catch_all());
  EXPECT_EQ(all->domain(), "example.com");
  EXPECT_FALSE(AliasAddress::parse("info@example.com")->catch_all());
}

}  // namespace
}  // namespace podplay
