// Who starts a pod learns what mail for others needs besides the settings.
#include "pod/outbound_hint.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace podplay::pod {
namespace {

using testing::HasSubstr;

std::string hint(const std::map<std::string, std::string>& settings) {
  return outbound_hint(effective_settings(settings).value());
}

TEST(OutboundHint, SaysWhatNoSettingCanGive) {
  EXPECT_EQ(hint({}), "");
  const std::string direct = hint({{"PODPLAY_MAIL_OUTBOUND", "direct"},
                                   {"PODPLAY_DNS_FORWARDERS", "192.0.2.53"},
                                   {"PODPLAY_PUBLIC_IPV4", "192.0.2.1"},
                                   {"PODPLAY_DOMAIN", "a.test"}});
  EXPECT_THAT(direct, HasSubstr("port 25"));
  EXPECT_THAT(direct, HasSubstr("(PTR) of 192.0.2.1 is mail.a.test"));
  const std::map<std::string, std::string> relay{{"PODPLAY_MAIL_OUTBOUND", "relay"},
                                                 {"PODPLAY_MAIL_RELAY", "relay.test:587"}};
  EXPECT_THAT(hint(relay), HasSubstr("PODPLAY_MAIL_SPF"));
  auto named = relay;
  named["PODPLAY_MAIL_SPF"] = "include:_spf.relay.test";
  EXPECT_EQ(hint(named), "");
}

}  // namespace
}  // namespace podplay::pod
