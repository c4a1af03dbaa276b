// The recovery address, deletion with its grace period, and the copy of the own data.
#include "control/journeys/own_account.hpp"

#include <gmock/gmock.h>

#include <fstream>
#include <sstream>

#include "base/runner.hpp"
#include "control/journeys/cleanup.hpp"
#include "control/journeys/deletion.hpp"
#include "control/journeys/export.hpp"
#include "control/journeys/journey_test.hpp"
#include "control/journeys/passwords_by_link.hpp"
#include "control/journeys/tar_file.hpp"

namespace podplay::control {
namespace {

using testing::HasSubstr;
using testing::Not;

class OwnAccountTest : public test::JourneyTest {
 protected:
  const Secret password{kPassword};
  std::string run(const std::vector<std::string>& argv) {
    ProcessRunner runner(silent_logger(), false);
    const auto outcome = run_or_fail(runner, {argv});
    EXPECT_TRUE(outcome) << describe(outcome.error());
    return outcome ? outcome->out : "";
  }
};

TEST_F(OwnAccountTest, BothAddressesConfirmANewRecoveryAddress) {
  const Actor alice = make_person("alice@example.test", "old@outside.test");
  EXPECT_EQ(code(change_recovery_address(context, alice, "new@outside.test", std::nullopt)),
            "proof_needed");
  const auto asked = change_recovery_address(context, alice, "new@outside.test", password);
  ASSERT_TRUE(asked) << describe(asked.error());
  EXPECT_EQ(asked->waits_for, (std::vector<std::string>{"new", "old"}));
  const auto mails = deliver();
  ASSERT_EQ(mails.size(), 2U);
  EXPECT_EQ(mails[0].to, "new@outside.test");
  EXPECT_EQ(mails[1].to, "old@outside.test");
  EXPECT_EQ(confirm(mails[0].token)->object.state, "waiting_for_other");
  EXPECT_EQ(get_own_account(context, alice)->recovery_address, "old@outside.test");
  EXPECT_TRUE(get_own_account(context, alice)->recovery_change->new_confirmed);
  EXPECT_EQ(confirm(mails[1].token)->object.state, "changed");
  EXPECT_EQ(get_own_account(context, alice)->recovery_address, "new@outside.test");
  // The mailbox and the old address are told.
  EXPECT_EQ(deliver().size(), 2U);
}

TEST_F(OwnAccountTest, TheFirstRecoveryAddressHasNoOldOneToAsk) {
  const Actor alice = make_person("alice@example.test", "");
  ASSERT_TRUE(change_recovery_address(context, alice, "new@outside.test", password));
  EXPECT_EQ(confirm(only_mail().token)->object.state, "changed");
  const auto removal = change_recovery_address(context, alice, "", password);
  EXPECT_EQ(removal->waits_for, std::vector<std::string>{"old"});
  deliver();
}

TEST_F(OwnAccountTest, ANewerChangeReplacesTheOneBefore) {
  const Actor alice = make_person("alice@example.test", "");
  ASSERT_TRUE(change_recovery_address(context, alice, "one@outside.test", password));
  const std::string first = only_mail().token;
  ASSERT_TRUE(change_recovery_address(context, alice, "two@outside.test", password));
  EXPECT_EQ(code(confirm(first)), "link_invalid");
  EXPECT_EQ(code(change_recovery_address(context, alice, "alice@example.test", password)),
            "same_address");
}

TEST_F(OwnAccountTest, MailsAreInTheLanguageOfThePerson) {
  const Actor alice = make_person("alice@example.test", "alice@outside.test");
  EXPECT_EQ(get_own_account(context, alice)->language, "en");
  ASSERT_TRUE(set_own_language(context, alice, "de"));
  EXPECT_EQ(code(set_own_language(context, alice, "tlh")), "unknown_language");
  ASSERT_TRUE(request_password_reset(context, outsider, "alice@example.test", ""));
  EXPECT_THAT(only_mail().text, HasSubstr("Guten Tag"));
}

TEST_F(OwnAccountTest, ADeletedAccountIsDisabledAndKeptForAWhile) {
  const Actor alice = make_person("alice@example.test", "alice@outside.test");
  EXPECT_EQ(code(delete_own_account(context, alice, std::nullopt, {})), "proof_needed");
  const auto deleted = delete_own_account(context, alice, password, {});
  ASSERT_TRUE(deleted) << describe(deleted.error());
  EXPECT_EQ(deleted->object.due - deleted->object.requested, std::chrono::days(14));
  EXPECT_EQ(code(log_in("alice@example.test", kPassword)), "login_failed");
  EXPECT_EQ(list_deletions(context, admin, "", 0, 10)->size(), 1U);
  const auto mail = only_mail();
  EXPECT_THAT(mail.text, HasSubstr("/keep-account#token="));
  // The link works as long as the account is kept.
  plane.clock.moved += std::chrono::days(13);
  EXPECT_EQ(confirm(mail.token)->object.state, "kept");
  EXPECT_EQ(code(log_in("alice@example.test", kPassword)), "fine");
  plane.clock.moved += std::chrono::days(2);
  for (const Status& done : run_jobs(kErasureJob)) {
    EXPECT_TRUE(done);
  }
  EXPECT_EQ(code(log_in("alice@example.test", kPassword)), "fine");
}

TEST_F(OwnAccountTest, AnAdministratorRestoresAnAccount) {
  const Actor alice = make_person("alice@example.test", "alice@outside.test");
  ASSERT_TRUE(delete_own_account(context, alice, password, {}));
  EXPECT_EQ(code(restore_account(context, admin, "admin@example.test", {})), "deletion_unknown");
  ASSERT_TRUE(restore_account(context, admin, "alice@example.test", {}));
  EXPECT_EQ(code(log_in("alice@example.test", kPassword)), "fine");
  EXPECT_TRUE(list_deletions(context, admin, "", 0, 10)->empty());
}

// The first deletion's job is still there; it must not erase before the second one's time.
TEST_F(OwnAccountTest, ASecondDeletionHasItsOwnGracePeriod) {
  const Actor alice = make_person("alice@example.test", "");
  ASSERT_TRUE(delete_own_account(context, alice, password, {}));
  ASSERT_TRUE(restore_account(context, admin, "alice@example.test", {}));
  plane.clock.moved += std::chrono::days(10);
  ASSERT_TRUE(delete_own_account(context, alice, password, {}));
  const auto jobs =
      list_jobs(context, {.kind = std::string(kErasureJob), .state = JobState::waiting}, 0, 10);
  ASSERT_EQ(jobs->size(), 2U);
  JobRun first(context, jobs->back(), 0, [] { return false; });
  EXPECT_TRUE(erase_account(context, first));
  EXPECT_TRUE(get_user(context, admin, "alice@example.test"));
}

TEST_F(OwnAccountTest, AfterTheGracePeriodAllIsErased) {
  const Actor alice = make_person("alice@example.test", "alice@outside.test");
  ASSERT_TRUE(delete_own_account(context, alice, password, {}));
  deliver();
  plane.clock.moved += std::chrono::days(15);
  context.hub.seen({.agent = {.service = ServiceName::mail}});
  // The mail agent has not removed the mailbox yet: the mail stays to be erased.
  const auto jobs =
      list_jobs(context, {.kind = std::string(kErasureJob), .state = JobState::waiting}, 0, 10);
  ASSERT_EQ(jobs->size(), 1U);
  settle_everything();
  std::thread agent_settles([&] {
    while (get_user(context, admin, "alice@example.test")) {
      std::this_thread::sleep_for(std::chrono::milliseconds(2));
    }
    settle_everything();
  });
  agent.answer("deleted_erase", {{{"erased", 1}, {"more", false}}});
  for (const Status& done : run_jobs(kErasureJob)) {
    EXPECT_TRUE(done) << describe(done.error());
  }
  agent_settles.join();
  EXPECT_EQ(agent.commands().back().verb, "deleted_erase");
  EXPECT_THAT(agent.commands().back().arguments, HasSubstr("alice@example.test-"));
  EXPECT_EQ(code(get_user(context, admin, "alice@example.test")), "user_unknown");
}

TEST_F(OwnAccountTest, TheOnlyAdministratorStays) {
  const Secret own("password123");
  EXPECT_EQ(code(delete_own_account(context, admin, own, {})), "last_admin");
}

TEST_F(OwnAccountTest, TheCopyHasAccountAuditAndMail) {
  const Actor alice = make_person("alice@example.test", "alice@outside.test");
  EXPECT_FALSE(get_export(context, alice)->has_value());
  const auto begun = start_export(context, alice, password);
  ASSERT_TRUE(begun) << describe(begun.error());
  EXPECT_EQ(code(find_export_file(context, alice)), "export_missing");
  const auto piece = [](const char* path, std::int64_t size, std::int64_t offset,
                        const std::string& data) {
    return test::Json{{"path", path},
                      {"size", size},
                      {"mtime", 1'700'000'000'000},
                      {"offset", offset},
                      {"data", base64(data)}};
  };
  const test::Json next{{"after", "a"}, {"began", "b"}, {"offset", 4}};
  agent.answer(
      "mailbox_copy",
      {{{"files", {piece("mail/cur/1:2,S", 5, 0, "hello"), piece("mail/cur/2", 9, 0, "part")}},
        {"bytes", 20},
        {"next", next}},
       {{"files", {piece("mail/cur/2", 9, 4, "-two!"), piece("mail/cur/3", 6, 0, "gon")}},
        {"bytes", 20},
        {"next", next}},
       {{"files", {{{"gone", true}, {"offset", 3}}}}, {"bytes", 20}, {"next", nullptr}}});
  for (const Status& done : run_jobs(kExportJob)) {
    EXPECT_TRUE(done) << describe(done.error());
  }
  const auto file = find_export_file(context, alice);
  ASSERT_TRUE(file) << describe(file.error());
  const std::string listed = run({"/usr/bin/tar", "-tf", file->path});
  EXPECT_EQ(listed,
            "alice@example.test/account.json\nalice@example.test/audit-1.jsonl\n"
            "alice@example.test/mail/cur/1:2,S\nalice@example.test/mail/cur/2\n");
  EXPECT_EQ(run({"/usr/bin/tar", "-xOf", file->path, "alice@example.test/mail/cur/2"}),
            "part-two!");
  const std::string account =
      run({"/usr/bin/tar", "-xOf", file->path, "alice@example.test/account.json"});
  EXPECT_THAT(account, HasSubstr("alice@outside.test"));
  EXPECT_THAT(account, Not(HasSubstr("argon2")));
  EXPECT_THAT(run({"/usr/bin/tar", "-xOf", file->path, "alice@example.test/audit-1.jsonl"}),
              HasSubstr("USER_CREATED"));
  // It is gone after three days, row and file.
  plane.clock.moved += std::chrono::hours(73);
  EXPECT_EQ(code(find_export_file(context, alice)), "export_missing");
  EXPECT_EQ(clean_up_journeys(context, admin, false)->exports, 1);
  EXPECT_FALSE(plane.files.exists(file->path));
}

TEST(TarFileTest, LongPathsAreRead) {
  const test::TestFolder folder;
  const std::string path = folder.path() + "/a.tar";
  const std::string name = std::string(150, 'a') + "/" + std::string(200, 'b');
  auto tar = TarFile::create(path);
  ASSERT_TRUE(tar) << describe(tar.error());
  ASSERT_TRUE((*tar)->add(name, "long", WallTime{}));
  ASSERT_TRUE((*tar)->begin("gone", 10, WallTime{}));
  ASSERT_TRUE((*tar)->write("half"));
  ASSERT_TRUE((*tar)->abandon());
  ASSERT_TRUE((*tar)->add("last", std::string(1000, 'x'), WallTime{}));
  ASSERT_TRUE((*tar)->close());
  ProcessRunner runner(silent_logger(), false);
  const auto listed = run_or_fail(runner, {{"/usr/bin/tar", "-tf", path}});
  ASSERT_TRUE(listed) << describe(listed.error());
  EXPECT_EQ(listed->out, name + "\nlast\n");
}

}  // namespace
}  // namespace podplay::control
