// The variable of sudo names a user, or nobody.
#include "cli/sudo.hpp"

#include <gtest/gtest.h>
#include <unistd.h>

namespace podplay::cli {
namespace {

TEST(CallerOfSudo, ANumberOfAUserIsThatUser) {
  if (::geteuid() != 0) {
    GTEST_SKIP() << "only root can be called by sudo";
  }
  const passwd* nobody = ::getpwnam("nobody");
  ASSERT_NE(nobody, nullptr);
  const uid_t uid = nobody->pw_uid;
  const passwd* caller = caller_of_sudo({{"SUDO_UID", std::to_string(uid)}});
  ASSERT_NE(caller, nullptr);
  EXPECT_EQ(caller->pw_uid, uid);
}

TEST(CallerOfSudo, WhatIsNoNumberIsNobodyAndNotRoot) {
  EXPECT_EQ(uid_of_sudo({}), std::nullopt);
  EXPECT_EQ(uid_of_sudo({{"SUDO_UID", "1000"}}), 1000U);
  for (const char* wrong : {"", "nobody", "0x", "1000x", " 0", "-0", "-1", "4294967296"}) {
    EXPECT_EQ(uid_of_sudo({{"SUDO_UID", wrong}}), std::nullopt) << wrong;
    EXPECT_EQ(caller_of_sudo({{"SUDO_UID", wrong}}), nullptr) << wrong;
  }
}

}  // namespace
}  // namespace podplay::cli
