// Commands that are one HTTP call: the request that is sent, and the answer that people see.
#include <gmock/gmock.h>

#include "cli/command_line.hpp"

namespace podplay::cli {
namespace {

using testing::ContainsRegex;
using testing::HasSubstr;

TEST_F(CommandLineTest, DryRunAsksForOneAndShowsTheVerdicts) {
  answer_.body = Json{{"dry_run", true},
                      {"services",
                       {{{"service", "bind"},
                         {"ok", false},
                         {"words", "named.conf:3: unknown option"},
                         {"diff", "+zone\n"}}}}}
                     .dump();
  const Said said = call({"domains", "create", "--name", "b.test", "--dry-run"});
  EXPECT_EQ(asked_.query["dry_run"], "1");
  EXPECT_EQ(said.code, 7) << "a checker refused it";
  EXPECT_EQ(said.out,
            "dry run: nothing was changed\nbind: refused: named.conf:3: unknown option\n+zone\n");
}

TEST_F(CommandLineTest, ADryRunSaysWhichServiceWasNotAsked) {
  answer_.body = Json{{"dry_run", true},
                      {"services",
                       {{{"service", "mail"}, {"ok", true}},
                        {{"service", "bind"}, {"ok", true}, {"asked", false}}}}}
                     .dump();
  const Said said = call({"domains", "create", "--name", "b.test", "--dry-run"});
  EXPECT_EQ(said.code, 0);
  EXPECT_EQ(said.out,
            "dry run: nothing was changed\nmail: its checkers accept this\nbind: not asked\n");
}

TEST_F(CommandLineTest, TheStatusNamesRowsSetAside) {
  const Json row{{"kind", "domain"},
                 {"key", "b.test"},
                 {"revision", 7},
                 {"daemon", "named"},
                 {"message", "bad name"}};
  answer_.body = Json{{"ready", true},
                      {"version", "1"},
                      {"services",
                       {{{"service", "bind"},
                         {"state", "ready"},
                         {"revision", 8},
                         {"set_aside", Json::array({row})}}}}}
                     .dump();
  EXPECT_THAT(call({"status"}).out,
              HasSubstr("  set aside: domain b.test (revision 7): named: bad name\n"));
}

TEST_F(CommandLineTest, AnImportWaitsAtLeastAMinute) {
  answer_.body = R"({"created":2,"revision":9})";
  const Said said = call({"domains", "import", "--name", "a.test,b.test", "--wait", "5"});
  EXPECT_EQ(said.code, 0) << said.err;
  EXPECT_EQ(asked_.method + " " + asked_.path, "POST /api/domains/import");
  EXPECT_EQ(Json::parse(asked_.body), (Json{{"names", {"a.test", "b.test"}}}));
  EXPECT_EQ(asked_.query["wait"], "60");
  EXPECT_EQ(said.out, "created 2 domains; revision 9\n");
}

TEST_F(CommandLineTest, ANounMayHaveTwoWords) {
  answer_.body = R"({"id":12,"kind":"mail_restore"})";
  const Said said = call({"mail", "deleted", "restore", "a@b.test-42", "--mailbox", "a@b.test"});
  EXPECT_EQ(said.code, 0) << said.err;
  EXPECT_EQ(asked_.method + " " + asked_.path, "POST /api/mail/deleted/a@b.test-42/restore");
  EXPECT_EQ(Json::parse(asked_.body), (Json{{"mailbox", "a@b.test"}}));
  EXPECT_EQ(asked_.query.count("wait"), 0U) << "what acts at once takes no --wait";
  EXPECT_EQ(said.out, "restoring as job 12; see: podplay jobs show 12\n");
}

TEST_F(CommandLineTest, PathsAreEncodedAndProgramsGetJson) {
  answer_.body = R"({"email":"a/b@b.test","id":3})";
  const Said said = call({"users", "show", "a/b@b.test", "--json"});
  EXPECT_EQ(asked_.path, "/api/users/a/b@b.test") << "decoded by the server from %2F";
  EXPECT_EQ(Json::parse(said.out)["id"], 3);
  refuse(404, "not_found");
  EXPECT_EQ(Json::parse(call({"users", "show", "x", "--json"}).out)["code"], "not_found");
}

TEST_F(CommandLineTest, TablesForPeopleSayHowToGoOn) {
  answer_.body = Json{{"items",
                       {{{"id", 1},
                         {"email", "a@b.test"},
                         {"role", "user"},
                         {"enabled", true},
                         {"quota", 524288000},
                         {"services", {"mail"}}}}},
                      {"next", "abc"}}
                     .dump();
  const Said said = call({"users", "list", "--limit", "1"});
  EXPECT_EQ(asked_.query["limit"], "1");
  EXPECT_THAT(said.out, ContainsRegex("ID +EMAIL +ROLE"));
  EXPECT_THAT(said.out, ContainsRegex("1 +a@b.test +user +yes +500M +mail"));
  EXPECT_THAT(said.out, HasSubstr("more: --cursor abc"));
}

TEST_F(CommandLineTest, TheQueueSaysForEachRecipientWhatItWaitsFor) {
  const Json late{{"address", "a@far.test"}, {"delay_reason", "connection refused"}};
  answer_.body = Json{
      {"messages",
       {{{"queue_id", "B7"},
         {"arrival_time", 1795597804},
         {"message_size", 2048},
         {"sender", "me@b.test"},
         {"recipients", {late, {{"address", "c@far.test"}}}}}}},
      {"truncated",
       true}}.dump();
  const Said said = call({"mail", "queue"});
  EXPECT_THAT(
      said.out,
      ContainsRegex("B7 +2026-11-25 [0-9:]+ +2K +me@b.test +a@far.test +connection refused"));
  EXPECT_THAT(said.out, ContainsRegex("c@far.test +not tried yet"));
  EXPECT_THAT(said.out, HasSubstr("the list is cut"));
}

TEST_F(CommandLineTest, AnImportEndsLikeEveryOtherWrite) {
  ASSERT_TRUE(files_.write_atomic(folder_.path() + "/users", "{}\n", 0600, {}));
  answer_.body =
      R"({"created":3,"revision":9,"applied":{"state":"pending","services":[{"service":"mail","state":"pending"}]}})";
  EXPECT_EQ(call({"users", "import", folder_.path() + "/users"}).code, 8);
  answer_.body = R"({"dry_run":true,"object":{"created":3},"services":[],"rows":[]})";
  const Said dry = call({"users", "import", folder_.path() + "/users", "--dry-run"});
  EXPECT_EQ(dry.code, 0);
  EXPECT_THAT(dry.out, HasSubstr("dry run: nothing was changed"));
}

}  // namespace
}  // namespace podplay::cli
