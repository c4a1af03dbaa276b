// A message of the link is the same after a way there and back.
#include "wire/link.hpp"

#include <gtest/gtest.h>

#include "wire/feed.hpp"

namespace podplay::wire {
namespace {

TEST(Link, WorkThereAndBack) {
  WorkAnswer answer;
  answer.revision = 9;
  const MailboxRow mailbox{.password_hash = "$argon2id$x", .quota = 7, .owner = 8};
  const FeedPage page{.generation = "g",
                      .epoch = "e",
                      .rows = {{.kind = RowKind::mailbox,
                                .key = "a\"b@b.test",
                                .seq = 5,
                                .revision = 9,
                                .content = content_text(mailbox)},
                               {.kind = RowKind::zone,
                                .key = "b.test",
                                .seq = 6,
                                .revision = 9,
                                .deleted = true,
                                .content = ""}},
                      .seq = 6,
                      .complete = false,
                      .revision = 9,
                      .marks = {.revision = 10, .id = 11}};
  const auto back = answer_from_json(Json::parse(answer_text(answer, page)));
  ASSERT_TRUE(back) << describe(back.error());
  ASSERT_TRUE(back->feed);
  EXPECT_EQ(back->feed->generation, "g");
  EXPECT_EQ(back->feed->marks.id, 11);
  EXPECT_FALSE(back->feed->complete);
  const FeedRow& row = back->feed->rows.at(0);
  EXPECT_EQ(row.key, "a\"b@b.test");
  EXPECT_EQ(std::get<MailboxRow>(row.content), mailbox);
  EXPECT_EQ(back->feed->rows.at(1).kind(), RowKind::zone);
  EXPECT_TRUE(back->feed->rows.at(1).deleted);
  EXPECT_EQ(to_public_json(row).dump().find("argon2"), std::string::npos);
  EXPECT_FALSE(answer_from_json(Json::parse(answer_text(answer, std::nullopt)))->feed);
}

TEST(Link, AChallengeThereAndBack) {
  const ChallengeRow challenge{
      .type = "http-01", .identifier = "a.test", .key_authorization = "token.print"};
  const FeedRow row{.seq = 1, .revision = 2, .key = "token", .content = challenge};
  const auto back = feed_row_from_json(to_json(row));
  ASSERT_TRUE(back) << describe(back.error());
  EXPECT_EQ(back->kind(), RowKind::challenge);
  EXPECT_EQ(back->key, "token");
  EXPECT_EQ(std::get<ChallengeRow>(back->content), challenge);
  EXPECT_EQ(to_json(row).at("kind"), "challenge");
  EXPECT_FALSE(content_from_text(RowKind::challenge, R"({"type":"http-01"})"));
}

TEST(Link, CommandsThereAndBack) {
  const auto question =
      commands_question_from_json(to_json(CommandsQuestion{.instance = "first", .wait = 3}));
  ASSERT_TRUE(question) << describe(question.error());
  EXPECT_EQ(question->instance, "first");
  EXPECT_EQ(question->wait, 3);
  const std::vector<AgentCommand> commands{
      {.id = "c1", .verb = "restart", .arguments = "{}", .request_id = "r"}};
  const auto back = commands_from_json(to_json(commands));
  ASSERT_TRUE(back) << describe(back.error());
  EXPECT_EQ(back->at(0).verb, "restart");
  EXPECT_FALSE(commands_from_json(Json::object()));
}

}  // namespace
}  // namespace podplay::wire
