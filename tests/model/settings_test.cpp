// Settings follow from the profile and from other settings, and contradictions are refused.
#include "model/settings.hpp"

#include <gtest/gtest.h>

#include <map>
#include <string>

namespace podplay {
namespace {

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

TEST(Settings, ARelaysLoginIsWholeAndNeverInTheClear) {
  const auto refusal = [](std::map<std::string, std::string> more) {
    more.insert({{"PODPLAY_MAIL_OUTBOUND", "relay"}, {"PODPLAY_MAIL_RELAY", "relay.test:587"}});
    const auto settings = effective_settings(more);
    return settings ? std::string("fine") : settings.error().faults.front().code;
  };
  using Map = std::map<std::string, std::string>;
  const Map login{{"PODPLAY_MAIL_RELAY_USER", "me@relay.test"},
                  {"PODPLAY_MAIL_RELAY_PASSWORD", "a pass:word #1"}};
  const auto with = [&](const std::string& name, const std::string& value) {
    Map changed = login;
    changed[name] = value;
    return refusal(changed);
  };
  EXPECT_EQ(refusal({}), "fine");
  EXPECT_EQ(refusal(login), "fine");
  EXPECT_EQ(with("PODPLAY_MAIL_RELAY_TLS", "encrypt"), "fine");
  EXPECT_EQ(with("PODPLAY_MAIL_RELAY_TLS", "may"), "relay_password_in_clear");
  EXPECT_EQ(with("PODPLAY_MAIL_RELAY_USER", "a:b"), "bad_relay_user");
  EXPECT_EQ(with("PODPLAY_MAIL_RELAY_PASSWORD", "a\nb"), "bad_value");
  EXPECT_EQ(with("PODPLAY_MAIL_RELAY_PASSWORD", ""), "relay_login_incomplete");
  EXPECT_EQ(with("PODPLAY_MAIL_RELAY_USER", ""), "relay_login_incomplete");
}

TEST(Settings, AnOutsideProviderNeedsItsUrlAndAName) {
  using Map = std::map<std::string, std::string>;
  const auto refusal = [](const Map& given) {
    const auto settings = effective_settings(given);
    return settings ? std::string("fine") : settings.error().faults.front().code;
  };
  const auto with = [&](const std::string& issuer, const std::string& domains = {}) {
    return refusal({{"PODPLAY_OUTSIDE_LOGIN_ISSUER", issuer},
                    {"PODPLAY_OUTSIDE_LOGIN_CLIENT_ID", "podplay"},
                    {"PODPLAY_OUTSIDE_LOGIN_DOMAINS", domains}});
  };
  EXPECT_EQ(with("https://login.example.org"), "fine");
  EXPECT_EQ(with("https://login.example.org:8443/realms/a/"), "fine");
  EXPECT_EQ(with("https://login.example.org", "a.test, b.test c.test"), "fine");
  EXPECT_EQ(with("http://login.example.org"), "bad_issuer");
  EXPECT_EQ(with("https://login.example.org/?a=b"), "bad_issuer");
  EXPECT_EQ(with("https://user@login.example.org"), "bad_issuer");
  EXPECT_EQ(with("https://login.example.org", "a..test"), "bad_domain");
  EXPECT_EQ(with(""), "outside_login_incomplete");
  EXPECT_EQ(refusal({{"PODPLAY_OUTSIDE_LOGIN_ISSUER", "https://login.example.org"}}),
            "outside_login_incomplete");
}

TEST(Settings, AlertsGoToHttpsAndAreSignedAndNoFaultShowsTheUrl) {
  const auto refusal = [](const std::string& url, const std::string& secret) -> Error {
    const auto settings = effective_settings(
        {{"PODPLAY_ALERT_WEBHOOK", url}, {"PODPLAY_ALERT_WEBHOOK_SECRET", secret}});
    return settings ? Error{.code = "fine"} : settings.error();
  };
  const std::string secret = "0123456789abcdef";
  EXPECT_EQ(refusal("https://alerts.example.org/hooks/a?b=c", secret).code, "fine");
  EXPECT_EQ(refusal("http://127.0.0.1:9000/x", secret).code, "fine");
  EXPECT_EQ(refusal("https://alerts.example.org", "short").faults.front().code, "webhook_unsigned");
  for (const char* bad :
       {"http://alerts.example.org/hidden", "https://user:hidden@alerts.example.org",
        "http://127.0.0.1.example.org/hidden", "ftp://hidden", "https://a b/hidden"}) {
    const Error error = refusal(bad, secret);
    ASSERT_EQ(error.faults.size(), 1U) << bad;
    EXPECT_EQ(error.faults.front().code, "bad_webhook") << bad;
    EXPECT_EQ(describe(error).find("hidden"), std::string::npos) << bad;
  }
  EXPECT_FALSE(effective_settings({{"PODPLAY_ALERT_MAIL", "nobody"}}));
}

TEST(Settings, SpfTakesMechanismsThatNameServers) {
  const auto takes = [](const std::string& text) {
    return effective_settings({{"PODPLAY_MAIL_SPF", text}}).has_value();
  };
  EXPECT_TRUE(takes("include:_spf.relay.test ip4:192.0.2.0/24 ip6:2001:db8::/32 a:out.relay.test"));
  for (const char* bad : {"v=spf1 mx", "-all", "+all", "include:", "include:a\"b",
                          "redirect=a.test", "include:a.test;x", "ptr"}) {
    EXPECT_FALSE(takes(bad)) << bad;
  }
  EXPECT_FALSE(takes("include:" + std::string(250, 'a')));
}

TEST(Settings, ServerNameMustNotBeTheMailDomain) {
  const auto settings = effective_settings(
      {{"PODPLAY_DOMAIN", "example.org"}, {"PODPLAY_MAIL_SERVER_NAME", "example.org"}});
  ASSERT_FALSE(settings);
  EXPECT_EQ(settings.error().code, "server_name_is_domain");
  EXPECT_EQ(settings.error().remedy, "name it mail.example.org");
}

TEST(Settings, AgentsGetTheGeneralLogLevelWhereTheyHaveNoneOfTheirOwn) {
  const auto settings =
      logging_settings({{"PODPLAY_LOG_LEVEL", "debug"}, {"PODPLAY_MAIL_LOG_LEVEL", "ERROR"}});
  ASSERT_TRUE(settings) << describe(settings.error());
  EXPECT_EQ(settings->level("PODPLAY_MAIL_LOG_LEVEL"), Level::error);
  EXPECT_EQ(settings->level("PODPLAY_DNS_LOG_LEVEL"), Level::debug);
  EXPECT_EQ(logging_settings({})->level("PODPLAY_AGENT_LOG_LEVEL"), Level::info);
}

}  // namespace
}  // namespace podplay
