// Dovecot's and Postfix's questions, as they send them.
#include "agent/guard/policy.hpp"

#include <fmt/format.h>
#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

#include "agent/guard/memory_file.hpp"
#include "agent/guard/outbound_policy.hpp"
#include "base/test_folder.hpp"

namespace podplay::agent {
namespace {

class LoginPolicyTest : public testing::Test {
 protected:
  LoginPolicyTest() {
    const std::string settings = policy.dovecot_settings(8614, Secret("nonce"));
    constexpr std::string_view kBegin = "X-PodPlay-Key: ";
    const std::size_t begin = settings.find(kBegin) + kBegin.size();
    key = settings.substr(begin, settings.find('"', begin) - begin);
  }
  net::HttpResponse ask(const std::string& command, const nlohmann::json& body) {
    return policy.answer({.method = "POST",
                          .path = "/logins",
                          .query = {{"command", command}},
                          .headers = {{"X-PodPlay-Key", key}},
                          .body = body.dump()});
  }
  // As Dovecot 2.4.1 sends it.
  static nlohmann::json question(int password, bool success = false) {
    return {{"device_id", ""},
            {"fail_type", success ? "" : "credentials"},
            {"login", "ann@a.test"},
            {"protocol", "smtp"},
            {"pwhash", fmt::format("{:04x}", password)},
            {"remote", "192.0.2.9"},
            {"session_id", "x"},
            {"success", success},
            {"policy_reject", false},
            {"tls", "TLSv1.3"}};
  }

  SystemClock clock;
  guard::LoginLimiter logins{clock};
  AppPasswordUses uses;
  LoginPolicy policy{logins, uses, clock, silent_logger()};
  std::string key;
};

TEST_F(LoginPolicyTest, WhereAnAppPasswordWasUsedLastIsGathered) {
  nlohmann::json used = question(1, true);
  used["app"] = "40";
  ask("report", used);
  used["remote"] = "192.0.2.10";
  used["protocol"] = "imap";
  ask("report", used);
  nlohmann::json failed = question(2);
  failed["app"] = "41";
  ask("report", failed);
  ask("report", question(3, true));
  const auto uses_told = uses.take();
  ASSERT_EQ(uses_told.size(), 1U);
  EXPECT_EQ(uses_told[0].id, 40);
  EXPECT_EQ(uses_told[0].address, "192.0.2.10");
  EXPECT_EQ(uses_told[0].protocol, "imap");
  EXPECT_TRUE(uses.take().empty());
}

TEST(AppPasswordUses, AnOlderUseDoesNotReplaceANewerOne) {
  AppPasswordUses uses;
  uses.note({.id = 1, .at = from_millis(2000), .address = "new"});
  uses.note({.id = 1, .at = from_millis(1000), .address = "old"});
  uses.note({.id = 2, .at = from_millis(1000), .address = "other"});
  const auto told = uses.take();
  ASSERT_EQ(told.size(), 2U);
  EXPECT_EQ(told[0].address, "new");
}

TEST_F(LoginPolicyTest, TenWrongPasswordsAreTheLast) {
  for (int i = 0; i < 10; ++i) {
    EXPECT_EQ(nlohmann::json::parse(ask("allow", question(i)).body)["status"], 0);
    ask("report", question(i));
  }
  const auto refused = nlohmann::json::parse(ask("allow", question(11)).body);
  EXPECT_EQ(refused["status"], -1);
  EXPECT_NE(refused["msg"].get<std::string>().find("try again after"), std::string::npos);
  nlohmann::json rejected = question(11);
  rejected["fail_type"] = "policy";
  rejected["policy_reject"] = true;
  ask("report", rejected);
  EXPECT_EQ(logins.figures().failed, 10);
  EXPECT_EQ(logins.figures().refused, 1);
}

TEST_F(LoginPolicyTest, ASuccessIsNoFailureAndAnOutageIsNone) {
  for (int i = 0; i < 30; ++i) {
    ask("allow", question(i));
    ask("report", question(i, true));
  }
  nlohmann::json outage = question(1);
  outage["fail_type"] = "internal";
  ask("report", outage);
  EXPECT_EQ(logins.figures().failed, 0);
  EXPECT_EQ(logins.look("ann@a.test").tries, 0);
  EXPECT_EQ(logins.look("ann@a.test").known_networks.size(), 1U);
}

TEST_F(LoginPolicyTest, OnlyDovecotMayAsk) {
  key = "guessed";
  EXPECT_EQ(ask("allow", question(1)).status, 403);
  key = "";
  EXPECT_EQ(ask("report", question(1)).status, 403);
  EXPECT_EQ(policy.answer({.method = "GET", .path = "/readyz"}).status, 200);
}

TEST_F(LoginPolicyTest, NonsenseIsRefused) {
  EXPECT_EQ(ask("allow", nlohmann::json::array()).status, 400);
  EXPECT_EQ(
      policy.answer({.method = "POST", .path = "/", .headers = {{"X-PodPlay-Key", key}}}).status,
      400);
  EXPECT_EQ(ask("allow", {{"login", 7}, {"remote", nullptr}}).status, 200);
}

TEST(OutboundPolicyTest, PostfixsQuestionIsAnsweredWithAnAction) {
  SystemClock clock;
  guard::OutboundLimiter outbound(clock, {.hourly_messages = 2, .hourly_recipients = 0});
  const std::string question =
      "request=smtpd_access_policy\nprotocol_state=DATA\nsender=x@a.test\nrecipient_count=3\n"
      "sasl_method=PLAIN\nsasl_username=ann@a.test\nsasl_sender=\n";
  EXPECT_EQ(answer_outbound(outbound, question), "DUNNO");
  EXPECT_EQ(answer_outbound(outbound, question), "DUNNO");
  EXPECT_TRUE(answer_outbound(outbound, question)
                  .starts_with("450 4.7.1 this account may send 2 messages an hour"));
  EXPECT_EQ(answer_outbound(outbound, "request=smtpd_access_policy\nsasl_username=\n"), "DUNNO");
  EXPECT_EQ(answer_outbound(outbound, ""), "DUNNO");
}

TEST(LimitMemoryTest, IsReadAsItWasWritten) {
  test::TestFolder folder;
  RealFiles files;
  const std::string path = folder.path() + "/limits.json";
  const LimitMemory memory{.events = {{.at = from_millis(5),
                                       .kind = LoginEventKind::locked,
                                       .account = "ann@a.test",
                                       .count = 2,
                                       .until = from_millis(9)}},
                           .sent = {{"ann@a.test", from_millis(7), 3, 4}},
                           .rules = {.account_tries = 7}};
  ASSERT_TRUE(write_limit_memory(files, path, memory));
  const auto read = read_limit_memory(files, path);
  ASSERT_TRUE(read);
  ASSERT_EQ(read->events.size(), 1U);
  EXPECT_EQ(read->events[0].kind, LoginEventKind::locked);
  EXPECT_EQ(read->events[0].until, from_millis(9));
  ASSERT_EQ(read->sent.size(), 1U);
  EXPECT_EQ(read->sent[0].recipients, 4);
  EXPECT_EQ(read->rules, memory.rules);
  ASSERT_TRUE(files.write_atomic(path, "{\"events\":", 0600, {}));
  EXPECT_FALSE(read_limit_memory(files, path)) << "a damaged file";
}

}  // namespace
}  // namespace podplay::agent
