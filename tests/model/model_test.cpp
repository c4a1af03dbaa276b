// Names: what is let in, and what must never be. Settings: what follows from what.
#include <gtest/gtest.h>

#include "model/names.hpp"
#include "model/service.hpp"
#include "model/settings.hpp"
#include "model/user.hpp"

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

TEST(EmailAddress, PartsAndCase) {
  const auto email = EmailAddress::parse("First.Last+Tag@Example.com");
  ASSERT_TRUE(email);
  EXPECT_EQ(email->text(), "first.last+tag@example.com");
  EXPECT_EQ(email->local(), "first.last+tag");
  EXPECT_EQ(email->domain(), "example.com");
}

TEST(EmailAddress, NothingThatMeansSomethingToADaemon) {
  for (const std::string_view bad : {"",
                                     "@",
                                     "a@",
                                     "@example.com",
                                     "a@b",
                                     ".a@b.com",
                                     "a.@b.com",
                                     "a..b@c.com",
                                     "a b@c.com",
                                     "a/b@c.com",
                                     "../../etc@c.com",
                                     "a'b@c.com",
                                     "a\"b@c.com",
                                     "a%b@c.com",
                                     "a\\b@c.com",
                                     "a`b@c.com",
                                     "a\nb@c.com",
                                     "a\r\nRCPT@c.com",
                                     "-rf@c.com",
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

TEST(Words, RoundTripAndRefusal) {
  EXPECT_EQ(parse_role(to_text(Role::domain_admin)).value(), Role::domain_admin);
  const auto bad = parse_service("web");
  ASSERT_FALSE(bad);
  EXPECT_EQ(bad.error().remedy, "use one of: apache, bind, mail");
}

TEST(Settings, LabAndServerProfiles) {
  const auto lab = effective_settings({{"PODPLAY_POD_NAME", "other"}});
  ASSERT_TRUE(lab) << describe(lab.error());
  EXPECT_EQ(lab->text("PODPLAY_MAIL_OUTBOUND"), "none");
  EXPECT_EQ(lab->text("PODPLAY_HOST_IMAPS_PORT"), "2993");
  EXPECT_EQ(lab->text("PODPLAY_CERTS_VOLUME"), "other-certs");
  const auto server = effective_settings({{"PODPLAY_PROFILE", "server"},
                                          {"PODPLAY_PUBLIC_IPV4", "192.0.2.1"},
                                          {"PODPLAY_DNS_FORWARDERS", "192.0.2.53"}});
  ASSERT_TRUE(server) << describe(server.error());
  EXPECT_EQ(server->text("PODPLAY_HOST_IMAPS_PORT"), "993");
  EXPECT_EQ(server->text("PODPLAY_STATE_VOLUME"), "state");
  const auto bare = effective_settings({{"PODPLAY_PROFILE", "server"}});
  ASSERT_FALSE(bare) << "a server needs its address, and a resolver for mail that leaves";
  ASSERT_EQ(bare.error().faults.size(), 2U);
  EXPECT_EQ(bare.error().faults[0].field, "PODPLAY_DNS_FORWARDERS");
  EXPECT_EQ(bare.error().faults[1].field, "PODPLAY_PUBLIC_IPV4");
  EXPECT_TRUE(effective_settings({{"PODPLAY_PROFILE", "server"},
                                  {"PODPLAY_PUBLIC_IPV4", "192.0.2.1"},
                                  {"PODPLAY_MAIL_OUTBOUND", "none"}}));
}

TEST(Settings, ServerNameMustNotBeTheMailDomain) {
  const auto settings = effective_settings(
      {{"PODPLAY_DOMAIN", "example.org"}, {"PODPLAY_MAIL_SERVER_NAME", "example.org"}});
  ASSERT_FALSE(settings);
  EXPECT_EQ(settings.error().code, "server_name_is_domain");
  EXPECT_EQ(settings.error().remedy, "name it mail.example.org");
}

}  // namespace
}  // namespace podplay
