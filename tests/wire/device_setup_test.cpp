// What the codes of a device hold.
#include "wire/device_setup.hpp"

#include <gtest/gtest.h>

namespace podplay::wire {
namespace {

const ClientSettings kSettings{
    .domain = "example.test", .server = "mail.example.test", .imap_tls = 2993, .smtp_tls = 2465};

// The example of the format's description, with a password.
TEST(ThunderbirdTransfer, IsOneAccountWithItsPassword) {
  const Secret text = thunderbird_transfer(kSettings, "ann@example.test", Secret("app-x"));
  EXPECT_EQ(text.reveal(),
            R"([1,[1,1],[0,"mail.example.test",2993,3,1,"ann@example.test","ann@example.test",)"
            R"("app-x"],[[[0,"mail.example.test",2465,3,1,"ann@example.test","app-x"],)"
            R"(["ann@example.test","ann@example.test"]]]])");
}

TEST(AppleProfile, HasThePasswordOnlyWhenThereIsOne) {
  const std::string asks = apple_document(kSettings, "ann@example.test");
  EXPECT_EQ(asks.find("<key>IncomingPassword</key>"), asks.npos);
  const std::string knows = apple_document(kSettings, "ann@example.test", Secret("a<b"));
  EXPECT_NE(knows.find("<key>IncomingPassword</key><string>a&lt;b</string>"), knows.npos);
  EXPECT_NE(knows.find("<key>OutgoingPassword</key><string>a&lt;b</string>"), knows.npos);
}

}  // namespace
}  // namespace podplay::wire
