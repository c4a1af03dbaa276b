// Two hosts run mail: both are asked, and their answers are one.
#include "control/every_host.hpp"

#include "control/audit.hpp"
#include "control/control_test.hpp"
#include "control/deleted.hpp"
#include "control/fake_agent.hpp"
#include "control/mail/queue.hpp"
#include "control/mail/usage.hpp"
#include "control/watch/log_levels.hpp"
#include "control/watch/restart.hpp"

namespace podplay::control {
namespace {

using nlohmann::json;
using test::FakeAgent;
using test::no;
using test::yes;

const AgentName kHere{.service = ServiceName::mail, .host = "main"};
// Its name comes first in the alphabet, but our own host is asked first.
const AgentName kThere{.service = ServiceName::mail, .host = "abroad"};

class EveryHostTest : public test::ControlTest {};

json queued(const std::string& id, int at) {
  return {{"queue_name", "deferred"}, {"queue_id", id},       {"arrival_time", at},
          {"message_size", 1},        {"sender", "a@b.test"}, {"recipients", json::array()}};
}

json queue_of(const std::vector<json>& messages) {
  return {{"messages", messages}, {"truncated", false}};
}

json folder(const std::string& id, int deleted) {
  return {{"folder", id}, {"name", "a"}, {"revision", 1}, {"deleted", deleted}, {"bytes", 1}};
}

TEST_F(EveryHostTest, OurOwnComesFirst) {
  FakeAgent here(context, kHere, {});
  FakeAgent there(context, kThere, {});
  EXPECT_EQ(context.hub.agents(ServiceName::mail), (std::vector{kHere, kThere}));
}

TEST_F(EveryHostTest, TheQueueIsOneList) {
  FakeAgent here(context, kHere, {yes(queue_of({queued("AAAAA", 10), queued("CCCCC", 30)}))});
  FakeAgent there(context, kThere, {yes(queue_of({queued("BBBBB", 20)}))});
  const auto page = list_mail_queue(context, admin, {}, "", 2);
  ASSERT_TRUE(page) << describe(page.error());
  ASSERT_EQ(page->messages.size(), 2U);
  EXPECT_EQ(page->messages.at(0).queue_id, "AAAAA");
  EXPECT_EQ(page->messages.at(1).queue_id, "BBBBB");
  EXPECT_EQ(page->next, "20-BBBBB") << "the third one is on the next page";
}

TEST_F(EveryHostTest, AnActionIsForAllQueues) {
  FakeAgent here(
      context, kHere,
      {yes(
          {{"count", 1}, {"queue_ids", {"AAAAA"}}, {"messages", json::array()}, {"more", false}})});
  FakeAgent there(
      context, kThere,
      {yes(
          {{"count", 1}, {"queue_ids", {"BBBBB"}}, {"messages", json::array()}, {"more", false}})});
  const auto done = act_on_mail_queue(context, admin, QueueAction::retry, {}, false);
  ASSERT_TRUE(done) << describe(done.error());
  EXPECT_EQ(done->count, 2);
  EXPECT_EQ(done->queue_ids, (std::vector<std::string>{"AAAAA", "BBBBB"}));
}

TEST_F(EveryHostTest, APartIsNotTakenForTheWhole) {
  FakeAgent here(context, kHere, {yes(queue_of({}))});
  FakeAgent there(context, kThere, {no("queue_unreadable")});
  const auto page = list_mail_queue(context, admin, {}, "", 2);
  ASSERT_FALSE(page);
  EXPECT_EQ(page.error().code, "queue_unreadable");
  EXPECT_EQ(page.error().message, "mail@abroad: no");
}

TEST_F(EveryHostTest, AHostThatIsAwayIsNamed) {
  context.hub.expect(kThere);
  FakeAgent here(context, kHere, {});
  const Status restarted = restart_service(context, admin, "mail", "");
  ASSERT_FALSE(restarted);
  EXPECT_EQ(restarted.error().code, "agent_away");
  EXPECT_TRUE(here.taken.empty()) << "nothing is done in part";
  EXPECT_NE(restarted.error().message.find("mail@abroad"), std::string::npos)
      << restarted.error().message;
}

TEST_F(EveryHostTest, WhatWasDoneInPartIsInTheAudit) {
  FakeAgent here(context, kHere, {yes({{"erased", 1}, {"more", false}})});
  FakeAgent there(context, kThere, {no("disk_error")});
  const Status erased = erase_deleted(context, admin, DeletedKind::mail, "a-1");
  ASSERT_FALSE(erased);
  const auto event = list_audit(context, 0, 1)->at(0);
  EXPECT_EQ(event.event, "MAIL_ERASED");
  EXPECT_EQ(event.subject, "a-1: failed: mail@abroad: no");
}

TEST_F(EveryHostTest, WhatAnyHostCanDoGoesToOneThatIsThere) {
  context.hub.expect(kHere);
  FakeAgent there(context, kThere, {yes({{"sent", true}})});
  const auto sent =
      context.hub.command_one(ServiceName::mail, "send", "{}", "r", std::chrono::seconds(10));
  EXPECT_TRUE(sent) << "our own agent never reported";
}

TEST_F(EveryHostTest, ADryRunAsksEveryChecker) {
  FakeAgent here(context, kHere, {yes({{"ok", true}, {"diff", ""}, {"words", ""}})});
  FakeAgent there(context, kThere, {yes({{"ok", false}, {"diff", ""}, {"words", "too old"}})});
  const auto tried =
      set_log_levels(context, admin, {.component = "mail", .level = "DEBUG"}, {.dry_run = true});
  ASSERT_TRUE(tried) << describe(tried.error());
  const auto& verdicts = tried->rehearsal->services;
  ASSERT_EQ(verdicts.size(), 2U);
  EXPECT_TRUE(verdicts.at(0).ok);
  EXPECT_FALSE(verdicts.at(1).ok);
  EXPECT_EQ(verdicts.at(1).host, "abroad");
  EXPECT_EQ(verdicts.at(1).words, "too old");
}

TEST_F(EveryHostTest, DeletedFoldersAreOneListAndAreErasedWhereTheyAre) {
  FakeAgent here(context, kHere,
                 {yes({{"folders", {folder("a-1", 30), folder("a-2", 10)}}, {"total", 2}}),
                  no("folder_unknown"), no("folder_unknown")});
  FakeAgent there(context, kThere,
                  {yes({{"folders", {folder("b-1", 20)}}, {"total", 1}}),
                   yes({{"erased", 1}, {"more", false}}), no("folder_unknown")});
  const auto page = list_deleted(context, admin, DeletedKind::mail, 1, 1);
  ASSERT_TRUE(page) << describe(page.error());
  EXPECT_EQ(page->total, 3);
  ASSERT_EQ(page->items.size(), 1U);
  EXPECT_EQ(page->items.at(0).id, "b-1") << "the newest of all is on the page before";
  EXPECT_TRUE(erase_deleted(context, admin, DeletedKind::mail, "b-1"));
  const Status gone = erase_deleted(context, admin, DeletedKind::mail, "b-1");
  ASSERT_FALSE(gone);
  EXPECT_EQ(gone.error().kind, ErrorKind::not_found) << "no host has it";
}

TEST_F(EveryHostTest, AMailboxIsAsFullAsItsPartsTogether) {
  FakeAgent here(context, kHere, {yes({{"used", 100}, {"messages", 2}})});
  FakeAgent there(context, kThere, {yes({{"used", 20}, {"messages", 1}})});
  const auto usage = mailbox_usage(context, admin, "admin@example.test");
  ASSERT_TRUE(usage) << describe(usage.error());
  EXPECT_EQ(usage->used, 120);
  EXPECT_EQ(usage->messages, 3);
}

}  // namespace
}  // namespace podplay::control
