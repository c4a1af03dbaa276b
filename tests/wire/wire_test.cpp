// Bodies against their shapes, problems, snapshots and the link's messages there and back.
#include <gtest/gtest.h>

#include "wire/feed.hpp"
#include "wire/link.hpp"
#include "wire/objects.hpp"
#include "wire/problem.hpp"
#include "wire/shapes.hpp"
#include "wire/snapshot.hpp"

namespace podplay::wire {
namespace {

TEST(Shape, AllFaultsAtOnce) {
  const auto body = read_body(kUserCreate, R"({"emial":"x","quota":"big","enabled":1})");
  ASSERT_FALSE(body);
  std::vector<std::string> codes;
  for (const Fault& fault : body.error().faults) {
    codes.push_back(fault.field + " " + fault.code);
  }
  EXPECT_EQ(codes,
            (std::vector<std::string>{"email missing", "password missing", "enabled bad_type",
                                      "quota bad_type", "emial unknown_field"}));
  EXPECT_EQ(body.error().faults.back().remedy, "did you mean email?");
  EXPECT_EQ(read_body(kUserCreate, "[]").error().code, "bad_json");
  EXPECT_EQ(read_body(kUserCreate, "{").error().code, "bad_json");
}

TEST(Shape, EveryExampleIsJson) {
  for (const Shape* shape :
       {&kUserCreate, &kUserUpdate, &kUserImport, &kDomainCreate, &kDomainUpdate, &kAliasCreate,
        &kAliasUpdate, &kLogin, &kBootstrap, &kRestart, &kMailSend, &kMailTest, &kEnrol, &kRenew,
        &kWork, &kCommands, &kReport, &kCommandResult}) {
    EXPECT_EQ(openapi_schema(*shape)["properties"].size(), shape->fields.size()) << shape->name;
  }
}

TEST(Problem, ThereAndBack) {
  const Error error =
      fail_faults({{"email", "bad_email", "no", "do"}, {"x", "y", "z", ""}}).error();
  const Error back = error_from_problem(http_status(error.kind), to_problem(error, "r1").dump());
  EXPECT_EQ(back.kind, error.kind);
  EXPECT_EQ(back.faults.size(), 2U);
  EXPECT_EQ(back.message, error.message);
  EXPECT_EQ(error_from_problem(502, "<html>").kind, ErrorKind::unavailable);
}

TEST(Objects, NeverTheHash) {
  User user;
  user.password_hash = "$argon2id$secret";
  EXPECT_EQ(to_json(user).dump().find("secret"), std::string::npos);
}

TEST(Snapshot, ThereAndBackForEachService) {
  MailSnapshot mail;
  mail.host_name = "mail.example.com";
  mail.certificate = {"mail.example.com", "ff"};
  BindSnapshot bind;
  bind.secondaries = {"192.0.2.2"};
  ApacheSnapshot apache;
  apache.certificate = {"example.com", "ff"};
  for (const Snapshot& snapshot :
       {Snapshot{ServiceName::mail, 3, mail}, Snapshot{ServiceName::bind, 3, bind},
        Snapshot{ServiceName::apache, 3, apache}}) {
    const auto back = snapshot_from_json(to_json(snapshot));
    ASSERT_TRUE(back) << describe(back.error());
    EXPECT_EQ(to_json(*back), to_json(snapshot));
    Snapshot later = snapshot;
    later.revision = 9;
    EXPECT_EQ(snapshot_hash(later), snapshot_hash(snapshot))
        << "the same state has the same hash at every revision";
  }
  EXPECT_FALSE(
      snapshot_from_json(Json{{"service", "mail"}, {"revision", 1}, {"body", Json::object()}}));
}

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
