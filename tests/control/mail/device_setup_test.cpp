// A device is set up with a password of its own, by a code that works for a while and once.
#include "control/mail/device_setup.hpp"

#include <gtest/gtest.h>

#include "control/control_test.hpp"

namespace podplay::control {
namespace {

class DeviceSetupTest : public test::ControlTest {
 protected:
  Result<Changed<DeviceSetup>> set_up(const WriteOptions& options = {}) {
    return set_up_device(context, admin,
                         {.name = "phone", .current_password = Secret("password123")}, options);
  }
  // What stands behind ?setup= in the address of a profile.
  static Secret sealed(const DeviceSetup& setup) {
    const std::string& url = setup.profile_url.reveal();
    return Secret(url.substr(url.find("?setup=") + 7));
  }
  std::string profile_of(const Secret& text) {
    const auto profile = device_profile(context, text);
    return profile ? *profile : profile.error().code;
  }
};

TEST_F(DeviceSetupTest, TheProfileHasTheNewPassword) {
  const auto made = set_up();
  ASSERT_TRUE(made) << describe(made.error());
  const DeviceSetup& setup = made->object;
  EXPECT_EQ(setup.password.name, "phone");
  EXPECT_GT(setup.thunderbird.size, 0);
  EXPECT_GT(setup.profile.size, 0);
  const std::string profile = profile_of(sealed(setup));
  EXPECT_NE(profile.find("<string>" + setup.text.reveal() + "</string>"), profile.npos);
  EXPECT_NE(profile.find("admin@example.test"), profile.npos);
  EXPECT_EQ(setup.profile_url.reveal().find(setup.text.reveal()), std::string::npos) << "sealed";
}

TEST_F(DeviceSetupTest, TheAddressEndsWithTimeUseAndRevocation) {
  const auto late = set_up();
  ASSERT_TRUE(late);
  plane.clock.moved += std::chrono::minutes(11);
  EXPECT_EQ(profile_of(sealed(late->object)), "profile_expired");

  const auto used = set_up();
  ASSERT_TRUE(used);
  ASSERT_TRUE(note_app_password_uses(context, {{.id = used->object.password.id,
                                                .at = plane.clock.now(),
                                                .address = "192.0.2.7",
                                                .protocol = "imap"}}));
  EXPECT_EQ(profile_of(sealed(used->object)), "profile_expired");

  const auto revoked = set_up();
  ASSERT_TRUE(revoked);
  ASSERT_TRUE(revoke_app_password(context, admin, revoked->object.password.id, {}));
  EXPECT_EQ(profile_of(sealed(revoked->object)), "profile_expired");
}

TEST_F(DeviceSetupTest, WhatWasNotSealedHereIsRefused) {
  const auto made = set_up();
  ASSERT_TRUE(made);
  std::string text = sealed(made->object).reveal();
  text[text.size() / 2] = text[text.size() / 2] == 'A' ? 'B' : 'A';
  for (const std::string& wrong : {std::string(), std::string("x"), text}) {
    EXPECT_EQ(profile_of(Secret(wrong)), "profile_expired") << wrong;
  }
}

TEST_F(DeviceSetupTest, ADryRunShowsNoSecret) {
  const auto tried = set_up({.dry_run = true});
  ASSERT_TRUE(tried) << describe(tried.error());
  EXPECT_TRUE(tried->object.text.empty());
  EXPECT_TRUE(tried->object.profile_url.empty());
}

}  // namespace
}  // namespace podplay::control
