// The numbers of `doveadm quota get`.
#include "daemons/mailbox_usage.hpp"

#include <gtest/gtest.h>

namespace podplay::daemons {
namespace {

struct Doveadm final : Runner {
  Result<Outcome> run(const Command& command) override {
    argv = command.argv;
    return Outcome{.exit_code = 0, .out = says};
  }
  std::vector<std::string> argv;
  std::string says;
};

TEST(MailboxUsage, IsInOctetsAndMessages) {
  Doveadm doveadm;
  // As Dovecot 2.4.1 prints it.
  doveadm.says =
      R"([{"username":"ann@a.test","quota name":"User quota","type":"STORAGE","value":"12",)"
      R"("limit":"512000","percent":"0"},{"username":"ann@a.test","quota name":"User quota",)"
      R"("type":"MESSAGE","value":"3","limit":"-","percent":"0"}])";
  EXPECT_EQ(mailbox_usage(doveadm, {{"mailbox", "ann@a.test"}}).value_or("nothing"),
            R"({"messages":3,"used":12288})");
  ASSERT_GT(doveadm.argv.size(), 2U);
  EXPECT_EQ(doveadm.argv[doveadm.argv.size() - 2], "-F") << "a name is no mask";
}

TEST(MailboxUsage, NeedsAMailbox) {
  Doveadm doveadm;
  EXPECT_FALSE(mailbox_usage(doveadm, nlohmann::json::object()));
  EXPECT_FALSE(mailbox_usage(doveadm, {{"mailbox", "no address"}}));
  EXPECT_TRUE(doveadm.argv.empty());
}

}  // namespace
}  // namespace podplay::daemons
