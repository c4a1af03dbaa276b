// Who has a session, as `doveadm who` says it.
#include "daemons/dovecot.hpp"

#include <gtest/gtest.h>

namespace podplay::daemons {
namespace {

TEST(ReadSessions, HasEachMailboxWithItsProcess) {
  const auto sessions = read_sessions(
      "username\tservice\tpid\tip\tdest_ip\n"
      "s*t@a.test\tpop3\t596\t10.89.0.1\t\n"
      "ann@a.test\timap\t566\t10.89.0.1\t\n");
  ASSERT_EQ(sessions.size(), 2U);
  EXPECT_EQ(sessions[0].mailbox, "s*t@a.test");
  EXPECT_EQ(sessions[0].pid, 596);
  EXPECT_EQ(sessions[0].app_password, "");
  EXPECT_EQ(sessions[1].mailbox, "ann@a.test");
  EXPECT_EQ(sessions[1].pid, 566);
}

// As Dovecot 2.4.1 lists them when one session at least was begun with an app password.
TEST(ReadSessions, HasTheAppPasswordOfASession) {
  const auto sessions = read_sessions(
      "username\tservice\tpid\tip\tdest_ip\tuser_app\n"
      "ann@a.test\timap\t36\t127.0.0.1\t\t105\n"
      "ann@a.test\timap\t17\t127.0.0.1\t\t\n");
  ASSERT_EQ(sessions.size(), 2U);
  EXPECT_EQ(sessions[0].app_password, "105");
  EXPECT_EQ(sessions[1].app_password, "");
}

TEST(ReadSessions, LeavesOutWhatItDoesNotUnderstand) {
  const std::string heading = "username\tservice\tpid\tip\tdest_ip\n";
  EXPECT_TRUE(read_sessions("").empty());
  EXPECT_TRUE(read_sessions(heading).empty());
  EXPECT_TRUE(read_sessions(heading + "ann@a.test\n\n\t\t\n").empty());
  EXPECT_TRUE(read_sessions("ann@a.test\timap\t7").empty());
  EXPECT_EQ(read_sessions(heading + "ann@a.test\timap\t7").size(), 1U);
}

}  // namespace
}  // namespace podplay::daemons
