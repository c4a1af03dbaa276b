// Deleted mail and sites, with an agent that answers as the real ones do.
#include "control/deleted.hpp"

#include <nlohmann/json.hpp>

#include "control/audit.hpp"
#include "control/control_test.hpp"
#include "control/domains.hpp"
#include "control/fake_agent.hpp"
#include "control/jobs/jobs.hpp"

namespace podplay::control {
namespace {

using Json = nlohmann::json;
using namespace std::chrono_literals;
using test::FakeAgent;
using test::no;
using test::yes;

class DeletedTest : public test::ControlTest {
 protected:
  Status run(const Job& job, Status (*handler)(Context&, JobRun&), int attempts = 1) {
    Job taken = job;
    taken.attempts = attempts;
    JobRun attempt(context, taken, 0, [] { return false; });
    return handler(context, attempt);
  }
  std::string words(const Job& job) {
    return get_job(context, Actor::system(), std::to_string(job.id), 0ms)->steps.back().words;
  }
  store::AuditRow newest_event() { return list_audit(context, 0, 1)->at(0); }
};

const Json kFolder{{"folder", "old@example.test-42"},
                   {"name", "old@example.test"},
                   {"revision", 42},
                   {"deleted", 1'000'000},
                   {"bytes", 7}};

TEST_F(DeletedTest, TheListSaysWhenEachIsErased) {
  FakeAgent agent(context, {ServiceName::mail},
                  {yes({{"folders", Json::array({kFolder})}, {"total", 3}})});
  const auto page = list_deleted(context, admin, DeletedKind::mail, 2, 1);
  ASSERT_TRUE(page) << describe(page.error());
  EXPECT_EQ(page->total, 3);
  EXPECT_EQ(page->items.at(0).id, "old@example.test-42");
  EXPECT_EQ(page->items.at(0).revision, 42U);
  EXPECT_EQ(page->items.at(0).erased_after - page->items.at(0).deleted, std::chrono::days(30));
  EXPECT_EQ(agent.taken.at(0).verb, "deleted_list");
  EXPECT_EQ(Json::parse(agent.taken.at(0).arguments)["offset"], 2);
}

TEST_F(DeletedTest, ARestoreNamesAMailboxThatExists) {
  FakeAgent agent(context, {ServiceName::mail},
                  {no("folder_unknown"), yes({{"folders", Json::array({kFolder})}, {"total", 1}}),
                   yes({{"into", "Restored/2026-11-25"}, {"messages", 3}})});
  const auto restore = [&](const std::string& id, const std::string& mailbox) {
    return restore_deleted(context, admin, DeletedKind::mail, id, mailbox);
  };
  EXPECT_EQ(restore("old@example.test-42", "nobody@example.test").error().faults.at(0).code,
            "mailbox_missing");
  EXPECT_EQ(restore("old@example.test-42", "").error().faults.at(0).field, "mailbox");
  const auto unknown = restore("other@example.test-1", "admin@example.test");
  EXPECT_EQ(unknown.error().kind, ErrorKind::not_found);
  const auto job = restore("old@example.test-42", "Admin@Example.Test");
  ASSERT_TRUE(job) << describe(job.error());
  EXPECT_EQ(job->kind, "mail_restore");
  EXPECT_EQ(job->subject, "old@example.test-42 to admin@example.test");
  EXPECT_EQ(newest_event().event, "MAIL_RESTORED");
  EXPECT_EQ(newest_event().subject, job->subject);

  const Status done = run(*job, restore_mail);
  EXPECT_TRUE(done) << describe(done.error());
  EXPECT_EQ(words(*job), "3 messages, below Restored/2026-11-25");
  const Json asked = Json::parse(agent.taken.at(2).arguments);
  EXPECT_EQ(asked["folder"], "old@example.test-42");
  EXPECT_EQ(asked["mailbox"], "admin@example.test");
  EXPECT_EQ(asked["date"].get<std::string>().size(), 10U);
}

TEST_F(DeletedTest, ARestoreThatWasCutOffAfterItsEndIsDone) {
  FakeAgent agent(context, {ServiceName::mail}, {no("folder_unknown"), no("folder_unknown")});
  const Job job =
      start_job(context, {.kind = "mail_restore", .subject = "a@x.test-1 to b@x.test"}).value();
  EXPECT_FALSE(run(job, restore_mail)) << "the first attempt must find it";
  EXPECT_TRUE(run(job, restore_mail, 2));
}

TEST_F(DeletedTest, ErasingIsOneOrAllThatAreOldEnough) {
  FakeAgent agent(context, {ServiceName::mail},
                  {yes({{"erased", 1}, {"more", false}}), no("folder_unknown"),
                   yes({{"erased", 5}, {"more", true}}), yes({{"erased", 2}, {"more", false}})});
  EXPECT_TRUE(erase_deleted(context, admin, DeletedKind::mail, "old@example.test-42"));
  EXPECT_EQ(newest_event().event, "MAIL_ERASED");
  EXPECT_EQ(newest_event().actor, "admin@example.test");
  EXPECT_EQ(erase_deleted(context, admin, DeletedKind::mail, "x").error().kind,
            ErrorKind::not_found);
  const Job job = start_job(context, {.kind = "deleted_mail_retention"}).value();
  const Status done = run(job, erase_old_mail);
  EXPECT_TRUE(done) << describe(done.error());
  EXPECT_EQ(words(job), "7 erased");
  EXPECT_EQ(newest_event().actor, "system");
  EXPECT_EQ(newest_event().subject, "7 deleted mailboxes, kept for 30 days");
  const auto age =
      plane.clock.now() - from_millis(Json::parse(agent.taken.back().arguments)["older_than"]);
  EXPECT_NEAR(static_cast<double>(age.count()), 30 * 86.4e6, 60e3);
}

TEST_F(DeletedTest, ASiteGoesToADomainThatExists) {
  FakeAgent agent(context, {ServiceName::apache},
                  {yes({{"folders", Json::array({{{"folder", "x.test-4"},
                                                  {"name", "x.test"},
                                                  {"revision", 4},
                                                  {"deleted", 1'000'000},
                                                  {"bytes", 7}}})},
                        {"total", 1}}),
                   yes({{"into", "/data/user-data/www/example.test"}})});
  EXPECT_EQ(restore_deleted(context, admin, DeletedKind::site, "x.test-4", "x.test")
                .error()
                .faults.at(0)
                .code,
            "domain_missing");
  const auto job = restore_deleted(context, admin, DeletedKind::site, "x.test-4", "example.test");
  ASSERT_TRUE(job) << describe(job.error());
  EXPECT_TRUE(run(*job, restore_site));
  EXPECT_EQ(words(*job), "moved to /data/user-data/www/example.test");
  EXPECT_EQ(newest_event().event, "SITE_RESTORED");
}

}  // namespace
}  // namespace podplay::control
