// The mail agent's answers become types, and go out as they came in.
#include "wire/mail.hpp"

#include <gtest/gtest.h>

#include "wire/mail_queue.hpp"

namespace podplay::wire {
namespace {

TEST(MailQueue, KeepsWhatPostqueueSays) {
  const std::string text = R"({"messages": [
    {"queue_name": "deferred", "queue_id": "4A1", "arrival_time": 1767225600,
     "message_size": 312, "forced_expire": true, "sender": "MAILER-DAEMON",
     "recipients": [{"address": "a@b.test", "delay_reason": "connection refused"},
                    {"address": "c@b.test"}]}], "truncated": true})";
  const auto queue = parse_mail_queue(text);
  ASSERT_TRUE(queue) << describe(queue.error());
  ASSERT_EQ(queue->messages.size(), 1U);
  EXPECT_EQ(queue->messages[0].queue_id, "4A1");
  EXPECT_EQ(queue->messages[0].sender, "");
  EXPECT_EQ(queue->messages[0].recipients.at(0).delay_reason, "connection refused");
  EXPECT_FALSE(queue->messages[0].recipients.at(1).delay_reason);
  EXPECT_TRUE(queue->truncated);
  EXPECT_TRUE(queue->messages[0].expired);
  const Json shown = to_json(queue->messages[0]);
  EXPECT_TRUE(check_shape(kQueuedMessage, shown).empty()) << shown;
  EXPECT_FALSE(shown["recipients"][1].contains("delay_reason"));
}

TEST(DeliveryTest, GoesThereAndBack) {
  const DeliveryTest test{.message_id = "x@y",
                          .accepted_ms = 3,
                          .delivered_ms = 9,
                          .stages = {{.name = "accepted", .ms = 3, .words = "250 Ok"}}};
  const auto back = parse_delivery_test(to_json(test).dump());
  ASSERT_TRUE(back) << describe(back.error());
  EXPECT_EQ(to_json(*back), to_json(test));
  EXPECT_TRUE(check_shape(kMailTested, to_json(test)).empty());
}

TEST(MailResults, OfAnotherKindAreRefused) {
  for (const char* text : {"", "[]", "{}", R"({"messages": 7, "truncated": false})",
                           R"({"messages": [{}], "truncated": false})"}) {
    const auto queue = parse_mail_queue(text);
    ASSERT_FALSE(queue) << text;
    EXPECT_EQ(queue.error().code, "bad_result");
  }
  EXPECT_EQ(parse_delivery_test(R"({"message_id": "x"})").error().code, "bad_result");
}

}  // namespace
}  // namespace podplay::wire
