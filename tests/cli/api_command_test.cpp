// Commands that are one HTTP call: the request that is sent, and the answer that people see.
#include <gmock/gmock.h>

#include "cli/command_line.hpp"

namespace podplay::cli {
namespace {

using testing::ContainsRegex;
using testing::HasSubstr;
using testing::Not;

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
  EXPECT_THAT(said.out, Not(HasSubstr("more:"))) << "which is no row";
  EXPECT_EQ(said.err, "more: --cursor abc\n");
}

TEST_F(CommandLineTest, TheQueueSaysForEachRecipientWhatItWaitsFor) {
  const Json late{{"address", "a@far.test"}, {"delay_reason", "connection refused"}};
  const Json message{
      {"queue_id", "B7"},           {"queue_name", "deferred"},
      {"arrival_time", 1795597804}, {"message_size", 2048},
      {"sender", "me@b.test"},      {"recipients", {late, {{"address", "c@far.test"}}}}};
  answer_.body = Json{{"items", {message}}, {"next", "1-B7"}}.dump();
  const Said said = call({"mail", "queue", "list", "--state", "deferred", "--older-than", "5"});
  EXPECT_EQ(asked_.query["state"], "deferred");
  EXPECT_EQ(asked_.query["older_than"], "5");
  EXPECT_THAT(said.out, ContainsRegex("B7 +deferred +2026-11-25 [0-9:]+ +2K +me@b.test +a@far.test "
                                      "+connection refused"));
  EXPECT_THAT(said.out, ContainsRegex("c@far.test +not tried yet"));
  EXPECT_EQ(said.err, "more: --cursor 1-B7\n");
  answer_.body = Json{
      {"count", 2},
      {"queue_ids", {"B7", "B8"}},
      {"messages", {message}},
      {"more", true}}.dump();
  const Said done = call({"mail", "queue", "delete", "B7", "B8", "--bounce"});
  EXPECT_EQ(asked_.method + " " + asked_.path, "POST /api/mail/queue/delete");
  EXPECT_EQ(Json::parse(asked_.body), (Json{{"queue_ids", {"B7", "B8"}}, {"bounce", true}}));
  EXPECT_THAT(done.out, HasSubstr("deleted 2 messages\n"));
  EXPECT_THAT(done.out, HasSubstr("repeat the command"));
  answer_.body = Json{
      {"dry_run", true},
      {"count", 1},
      {"queue_ids", {"B7"}},
      {"messages", {message}},
      {"more",
       false}}.dump();
  const Said dry = call({"mail", "queue", "hold", "--sender", "me@b.test", "--dry-run"});
  EXPECT_EQ(asked_.query["dry_run"], "1");
  EXPECT_THAT(dry.out, HasSubstr("nothing was done"));
  EXPECT_THAT(dry.out, HasSubstr("a@far.test"));
}

TEST_F(CommandLineTest, OneTraceIsATimelineAndSeveralAreATable) {
  Json trace{{"queue_ids", {"4gGZQW3k2bzQkYp"}},
             {"message_id", "x@y"},
             {"began", "2026-01-31T12:00:00.000Z"},
             {"state", "delivered"},
             {"verdict", "Delivered to a@b.test (INBOX)."},
             {"events",
              {{{"time", "2026-01-31T12:00:00.000Z"},
                {"stage", "accepted"},
                {"queue_id", "4gGZQW3k2bzQkYp"},
                {"text", "accepted from mx[192.0.2.1]"}}}}};
  answer_.body = Json{{"items", {trace}}, {"next", nullptr}}.dump();
  const Said one = call({"mail", "trace", "--message-id", "x@y", "--since", "10m"});
  EXPECT_EQ(asked_.query["message_id"], "x@y");
  EXPECT_THAT(asked_.query["since"], ContainsRegex("T.*Z")) << "the server knows times only";
  EXPECT_THAT(one.out, HasSubstr("Delivered to a@b.test (INBOX).\nMessage-ID x@y\n"));
  EXPECT_THAT(one.out, ContainsRegex("2026-01-31 12:00:00  4gGZQW3k2bzQkYp  accepted from mx"));
  answer_.body = Json{{"items", {trace, trace}}, {"next", nullptr}}.dump();
  EXPECT_THAT(call({"mail", "trace"}).out, ContainsRegex("4gGZQW3k2bzQkYp +delivered +Delivered"));
  answer_.body = R"({"items":[],"next":null})";
  EXPECT_EQ(call({"mail", "trace"}).out, "no such mail was found\n");
}

TEST_F(CommandLineTest, AnImportEndsLikeEveryOtherWrite) {
  ASSERT_TRUE(files_.write_atomic(folder_.path() + "/users", "{}\n", 0600, {}));
  answer_.body = R"({"created":3,"revision":9,"applied":{"state":"pending",)"
                 R"("services":[{"service":"mail","state":"pending"}]}})";
  EXPECT_EQ(call({"users", "import", folder_.path() + "/users"}).code, 8);
  answer_.body = R"({"dry_run":true,"object":{"created":3},"services":[],"rows":[]})";
  const Said dry = call({"users", "import", folder_.path() + "/users", "--dry-run"});
  EXPECT_EQ(dry.code, 0);
  EXPECT_THAT(dry.out, HasSubstr("dry run: nothing was changed"));
}

TEST_F(CommandLineTest, FieldCase17ASentenceHasTheObjectsOwnName) {
  for (const char* email : {"z{quota}@b.test", "y{nothing}k@b.test", "j{q}@b.test",
                            "{email}@b.test", "{@b.test", "}{@b.test", "a{b@b.test"}) {
    answer_.body = Json{{"email", email}, {"quota", 524288000}, {"revision", 9}}.dump();
    EXPECT_EQ(call({"users", "update", "x@b.test", "--enable"}).out,
              "updated user " + std::string(email) + "; revision 9\n");
  }
}

TEST_F(CommandLineTest, AChangeThatChangesNothingSaysSo) {
  answer_.body = Json{{"email", "a@b.test"},
                      {"revision", 9},
                      {"changed", false},
                      {"applied", {{"state", "applied"}, {"services", Json::array()}}}}
                     .dump();
  const Said said = call({"users", "update", "a@b.test", "--enable"});
  EXPECT_EQ(said.code, 0);
  EXPECT_EQ(said.out, "nothing to change: it is so since revision 9\n");
}

TEST_F(CommandLineTest, AFaultIsToldInTheWordsOfTheOptions) {
  struct Row {
    std::vector<std::string> words;
    Json fault;
    const char* said;
  };
  const auto fault = [](const char* field, const char* code, const char* message,
                        const char* remedy) {
    return Json{{"field", field}, {"code", code}, {"message", message}, {"remedy", remedy}};
  };
  for (const Row& row : std::vector<Row>{
           {{"users", "update", "a@b.test", "--quota", "7"},
            fault("quota", "out_of_range", "quota: 7 is out of range", "use less"),
            "podplay: --quota: 7 is out of range (use less)\n"},
           {{"users", "list", "--limit", "x"},
            fault("limit", "bad_number", "limit='x' is not possible", "use a whole number"),
            "podplay: --limit='x' is not possible (use a whole number)\n"},
           {{"users", "create", "--email", "a@c.test", "--password", "password123"},
            fault("email", "domain_missing", "the domain c.test does not exist here", "add it"),
            "podplay: --email: the domain c.test does not exist here (add it)\n"},
           {{"users", "password", "a@b.test", "--password", "password123"},
            fault("current_password", "missing", "it is missing", "give current_password too"),
            "podplay: --current-password: it is missing (give --current-password too)\n"},
           {{"mail", "send", "--to", "a@b.test", "--subject", "s", "--text", "t", "--dry-run"},
            fault("dry_run", "no_dry_run", "POST /api/mail/send has no dry run: it acts at once",
                  "send it without dry_run to have it done"),
            "podplay: --dry-run: `podplay mail send` has no dry run: it acts at once (send it "
            "without --dry-run to have it done)\n"},
           {{"aliases", "update", "i@b.test", "--enable"},
            fault("enabled", "bad", "enabled must be true or false", ""),
            "podplay: --enable or --disable must be true or false\n"},
           {{"aliases", "update", "i@b.test"},
            fault("", "nothing_to_change", "the request changes nothing", R"({"enabled": false})"),
            "podplay: the request changes nothing (give at least one of --target, --enable, "
            "--disable)\n"}}) {
    answer_ = {400,
               {{"Content-Type", "application/problem+json"}},
               Json{{"status", 400},
                    {"code", row.fault["code"]},
                    {"detail", row.fault["message"]},
                    {"remedy", row.fault["remedy"]},
                    {"errors", {row.fault}}}
                   .dump()};
    const Said said = call(row.words);
    EXPECT_EQ(said.code, 3);
    EXPECT_EQ(said.err, row.said);
  }
  answer_ = {400,
             {{"Content-Type", "application/problem+json"}},
             Json{{"status", 400},
                  {"code", "invalid"},
                  {"detail", "bad role; bad quota"},
                  {"errors",
                   {fault("role", "bad_role", "bad role", ""),
                    fault("quota", "bad_quota", "bad quota", "")}}}
                 .dump()};
  EXPECT_EQ(call({"users", "update", "a@b.test", "--role", "king", "--quota", "7"}).err,
            "podplay: bad role; bad quota\n  --role: bad role\n  --quota: bad quota\n");
  answer_ = {503,
             {{"Content-Type", "application/problem+json"}},
             Json{{"status", 503},
                  {"code", "agent_away"},
                  {"detail", "the agent of mail does not answer"},
                  {"remedy", "GET /api/system/status shows the state of the services"}}
                 .dump()};
  EXPECT_EQ(
      call({"mail", "queue", "list"}).err,
      "podplay: the agent of mail does not answer (`podplay system status` shows the state of "
      "the services)\n");
}

TEST_F(CommandLineTest, TwoPasswordsAreTwoLines) {
  answer_.body = R"({"email":"a@b.test","revision":9})";
  const Said said =
      call({"users", "password", "a@b.test", "--current-password-stdin", "--password-stdin"},
           "the old one\nthe new one\n");
  EXPECT_EQ(said.code, 0) << said.err;
  EXPECT_EQ(Json::parse(asked_.body),
            (Json{{"current_password", "the old one"}, {"password", "the new one"}}));
  call({"users", "password", "a@b.test", "--password-stdin"}, "the new one\n");
  EXPECT_EQ(Json::parse(asked_.body), (Json{{"password", "the new one"}}));
}

TEST_F(CommandLineTest, AnImportSaysWhatBecameOfEachRow) {
  const std::string file = folder_.path() + "/users.csv";
  ASSERT_TRUE(files_.write_atomic(file, "email,password\na@a.test,x\n", 0600, {}));
  answer_.headers["Content-Type"] = "application/x-ndjson";
  answer_.body = R"({"row":2,"state":"created","email":"a@a.test","id":7})"
                 "\n"
                 R"({"row":3,"state":"failed","email":"b@a.test","problem":{"status":409,)"
                 R"("code":"user_exists","detail":"b exists","remedy":"","errors":[]}})"
                 "\n"
                 R"({"row":0,"state":"total","created":1,"failed":1})"
                 "\n";
  const Said said = call({"users", "import", file, "--partial"});
  EXPECT_EQ(asked_.query["partial"], "1");
  EXPECT_EQ(asked_.header("Content-Type"), "text/csv");
  EXPECT_EQ(said.out, "row 2: created a@a.test\n1 created, 1 failed\n");
  EXPECT_THAT(said.err, HasSubstr("row 3 b@a.test: b exists"));
  EXPECT_EQ(said.code, 6);
  answer_.body = R"({"row":2,"state":"created","email":"a@a.test"})";
  EXPECT_EQ(call({"users", "import", file, "--partial"}).code, 8) << "the total is missing";
}

TEST_F(CommandLineTest, AnAuditThatIsNotWholeIsAFailure) {
  answer_.body = R"({"whole":true,"events":3,"head":{"id":3,"hash":"abc"},"faults":[]})";
  const Said whole = call({"audit", "verify"});
  EXPECT_EQ(whole.code, 0);
  EXPECT_EQ(whole.out, "the audit is whole: 3 events\nnote this elsewhere: --witness 3:abc\n");
  answer_.body =
      R"({"whole":false,"events":3,"fault_count":1,"head":{"id":3,"hash":"abc"},)"
      R"("faults":[{"id":2,"kind":"changed","message":"its content is not what was written"}]})";
  const Said changed = call({"audit", "verify", "--witness", "1:x"});
  EXPECT_EQ(asked_.query["witness"], "1:x");
  EXPECT_EQ(changed.code, 1);
  EXPECT_THAT(changed.out, HasSubstr("  event 2 changed: its content is not what was written\n"));
}

}  // namespace
}  // namespace podplay::cli
