// Certificates on the command line: what is sent, how an order is followed, and how it ends.
#include <gmock/gmock.h>

#include "cli/command_line.hpp"

namespace podplay::cli {
namespace {

using testing::ContainsRegex;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::Not;

net::HttpResponse ok(const Json& body) { return {200, {}, body.dump()}; }

Json step(int number, const char* name, const char* state, const char* words) {
  return {{"number", number},
          {"name", name},
          {"state", state},
          {"words", words},
          {"at", "2026-01-31T12:00:01.000Z"},
          {"took_ms", 1200}};
}

Json job(const char* state, int attempts, Json steps, const char* error = "") {
  return {{"id", 7},
          {"kind", "certificate_order"},
          {"state", state},
          {"attempts", attempts},
          {"due", nullptr},
          {"last_error", error},
          {"steps", std::move(steps)}};
}

Json asked(const Json& of_job) {
  return {{"name", "a.test"},
          {"issuer", "letsencrypt"},
          {"next_step", "the order begins"},
          {"job", of_job}};
}

TEST_F(CommandLineTest, AnOrderIsFollowedUntilItIsDone) {
  const Json first = step(1, "order the certificate", "done", "");
  first_answers_ = {
      ok(asked(job("waiting", 0, Json::array()))),
      ok(job("running", 1, {first, step(2, "place the challenges", "running", "")})),
      ok(job("done", 1, {first, step(2, "place the challenges", "done", "2 names")}))};
  const Said said = call({"certificates", "order", "a.test"});
  EXPECT_EQ(said.code, 0) << said.err;
  EXPECT_EQ(said.out,
            "ordered a.test from letsencrypt: the order begins; job 7\n"
            "  12:00:01  order the certificate (1.2 s)\n"
            "  12:00:01  place the challenges: 2 names (1.2 s)\n"
            "done\n");
  EXPECT_THAT(all_asked_, ElementsAre("POST /api/certificates/a.test/order", "GET /api/jobs/7",
                                      "GET /api/jobs/7"));
}

TEST_F(CommandLineTest, AnOrderThatFailsEndsWithItsWords) {
  const Json failed = step(1, "look", "failed", "no TXT record");
  first_answers_ = {ok(asked(job("running", 1, Json::array()))),
                    ok(job("failed", 1, Json::array({failed}), "no TXT record"))};
  Said said = call({"certificates", "renew", "a.test"});
  EXPECT_EQ(said.code, 7);
  EXPECT_THAT(said.out, HasSubstr("  12:00:01  look FAILED: no TXT record (1.2 s)\n"));
  EXPECT_EQ(said.err, "podplay: job 7 has failed: no TXT record\n");
  Json later = job("waiting", 1, Json::array({failed}), "no TXT record");
  later["due"] = "2099-01-01T00:00:00Z";
  first_answers_ = {ok(asked(job("running", 1, Json::array()))), ok(later)};
  said = call({"certificates", "order", "a.test", "--force"});
  EXPECT_EQ(said.code, 7) << "the next attempt is far away";
  EXPECT_THAT(said.err, HasSubstr("this attempt failed: no TXT record"));
  EXPECT_THAT(said.err, HasSubstr("podplay jobs show 7"));
}

TEST_F(CommandLineTest, StepsOfAttemptsBeforeAreLeftOut) {
  const Json old = step(1, "look", "failed", "no TXT record");
  Json now = step(2, "look", "done", "seen");
  now["at"] = "2026-02-01T08:00:00.500Z";
  Json done = job("done", 2, {old, now});
  done["started"] = "2026-02-01T08:00:00.000Z";
  first_answers_ = {ok(asked(job("waiting", 1, Json::array(), "no TXT record"))),
                    ok(job("waiting", 1, Json::array({old}), "no TXT record")), ok(done)};
  const Said said = call({"certificates", "order", "a.test"});
  EXPECT_EQ(said.code, 0) << said.err;
  EXPECT_THAT(said.out, HasSubstr("job 7\n  08:00:00  look: seen (1.2 s)\ndone\n"));
}

TEST_F(CommandLineTest, AControlPlaneThatStartsAgainIsAskedAgain) {
  first_answers_ = {ok(asked(job("waiting", 0, Json::array()))),
                    {503,
                     {{"Content-Type", "application/problem+json"}},
                     R"({"status":503,"code":"starting","detail":"no"})"},
                    ok(job("done", 1, Json::array()))};
  EXPECT_EQ(call({"certificates", "order", "a.test"}).code, 0);
  first_answers_ = {ok(asked(job("waiting", 0, Json::array()))),
                    {403,
                     {{"Content-Type", "application/problem+json"}},
                     R"({"status":403,"code":"forbidden","detail":"no"})"}};
  EXPECT_EQ(call({"certificates", "order", "a.test"}).code, 4);
}

TEST_F(CommandLineTest, WithoutWaitingAnOrderIsOnlyBegun) {
  answer_ = ok(asked(job("waiting", 0, Json::array())));
  const Said said = call({"certificates", "order", "a.test", "--no-wait"});
  EXPECT_EQ(said.code, 0);
  EXPECT_EQ(said.out, "ordered a.test from letsencrypt: the order begins; job 7\n");
  EXPECT_EQ(all_asked_.size(), 1U);
  EXPECT_EQ(asked_.query.count("wait"), 0U);
}

TEST_F(CommandLineTest, AProgramGetsOneAnswerWithTheJobThatEnded) {
  first_answers_ = {ok(asked(job("waiting", 0, Json::array()))),
                    ok(job("done", 1, Json::array({step(1, "look", "done", "")})))};
  const Said said = call({"certificates", "order", "a.test", "--json"});
  EXPECT_EQ(said.code, 0);
  EXPECT_EQ(Json::parse(said.out)["job"]["state"], "done");
}

TEST_F(CommandLineTest, ACheckOrdersNothingAndShowsWhatStandsInTheWay) {
  answer_.body = Json{{"dry_run", true},
                      {"findings",
                       {{{"name", "www.a.test"},
                         {"code", "points_elsewhere"},
                         {"fatal", true},
                         {"message", "it points to 192.0.2.7"},
                         {"remedy", "let it point here"}}}}}
                     .dump();
  const Said said = call({"certificates", "check", "a.test", "--issuer", "letsencrypt"});
  EXPECT_EQ(said.code, 7);
  EXPECT_EQ(asked_.method + " " + asked_.path, "PUT /api/certificates/a.test");
  EXPECT_EQ(asked_.query["dry_run"], "1");
  EXPECT_EQ(Json::parse(asked_.body), (Json{{"issuer", "letsencrypt"}}));
  EXPECT_EQ(said.out,
            "error: www.a.test: it points to 192.0.2.7 (points_elsewhere)\n"
            "  let it point here\nnothing was ordered\n");
  answer_.body = R"({"dry_run":true,"findings":[]})";
  EXPECT_EQ(call({"certificates", "check", "a.test"}).code, 0);
  EXPECT_EQ(asked_.body, "{}");
}

TEST_F(CommandLineTest, AChangeSendsWhatWasGiven) {
  answer_.body = R"({"name":"a.test","next_step":"renewed at 2026-12-01"})";
  const Said said = call({"certificates", "change", "a.test", "--default-names", "--no-wildcard",
                          "--challenge", "any", "--allow-weaker"});
  EXPECT_EQ(said.code, 0) << said.err;
  EXPECT_EQ(said.out, "changed a.test: renewed at 2026-12-01\n") << "no order was needed";
  EXPECT_EQ(Json::parse(asked_.body), (Json{{"names", Json::array()},
                                            {"wildcard", false},
                                            {"challenge", "any"},
                                            {"allow_weaker", true}}));
}

TEST_F(CommandLineTest, KeysComeFromFilesOrStandardInput) {
  const std::string pem = folder_.path() + "/cert.pem";
  ASSERT_TRUE(files_.write_atomic(pem, "PEM\n", 0600, {}));
  answer_.body = R"({"name":"a.test","not_after":"2026-12-01T00:00:00.000Z","revision":9})";
  const Said said =
      call({"certificates", "upload", "a.test", "--certificate", pem, "--key", "-"}, "KEY\n");
  EXPECT_EQ(said.code, 0) << said.err;
  EXPECT_EQ(Json::parse(asked_.body), (Json{{"certificate", "PEM\n"}, {"key", "KEY\n"}}));
  EXPECT_EQ(said.out,
            "a.test uses the uploaded certificate, which expires at 2026-12-01 00:00:00; revision "
            "9\n");
  ASSERT_TRUE(files_.write_atomic(pem, "\x30\x82\xff\xfe", 0600, {}));
  const Said binary =
      call({"certificates", "upload", "a.test", "--certificate", pem, "--key", "-"}, "KEY\n");
  EXPECT_EQ(binary.code, 3);
  EXPECT_THAT(binary.err, HasSubstr("--certificate"));
  EXPECT_THAT(binary.err, HasSubstr("is no text"));
}

TEST_F(CommandLineTest, AnAccountIsMadeWithAKeyFromStandardInput) {
  answer_.body = R"({"name":"zero","state":"valid","directory":"https://z.test/d"})";
  const Said said =
      call({"acme", "create", "--directory", "https://z.test/d", "--name", "zero", "--contact",
            "a@b.test", "--untrusted", "--external-id", "kid", "--external-key", "-"},
           "a2V5\n");
  EXPECT_EQ(said.code, 0) << said.err;
  EXPECT_EQ(asked_.method + " " + asked_.path, "POST /api/acme/accounts");
  EXPECT_EQ(Json::parse(asked_.body), (Json{{"directory", "https://z.test/d"},
                                            {"name", "zero"},
                                            {"contact", {"a@b.test"}},
                                            {"trusted", false},
                                            {"external_id", "kid"},
                                            {"external_key", "a2V5\n"}}));
  EXPECT_EQ(said.out, "the account zero is valid at https://z.test/d\n");
  call({"acme", "contact", "zero", "--no-contact"});
  EXPECT_EQ(Json::parse(asked_.body), (Json{{"contact", Json::array()}}));
}

TEST_F(CommandLineTest, TheStatusNamesCertificatesInTrouble) {
  const Json troubles = {{{"name", "a.test"},
                          {"issuer", "letsencrypt"},
                          {"days_left", 12},
                          {"next_step", "the next attempt is at 12:00"},
                          {"last_error", "port 80 is closed"}},
                         {{"name", "b.test"},
                          {"issuer", "letsencrypt"},
                          {"days_left", nullptr},
                          {"next_step", "ordered"},
                          {"last_error", ""}}};
  answer_.body = Json{{"ready", true}, {"version", "1"}, {"certificates", troubles}}.dump();
  EXPECT_EQ(call({"status"}).out,
            "PodPlay 1: ready\n"
            "certificate a.test (letsencrypt): 12 days left, the next attempt is at 12:00\n"
            "  port 80 is closed\n"
            "certificate b.test (letsencrypt): no version yet, ordered\n");
}

TEST_F(CommandLineTest, ACertificateIsShownWithItsOrdersAndTimeline) {
  Json shown = asked(job("done", 1, Json::array({step(1, "look", "done", "seen")})));
  shown["names"] = {"a.test", "www.a.test"};
  shown["orders"] = Json::array({{{"id", 4},
                                  {"created", "2026-01-31T12:00:00.000Z"},
                                  {"state", "done"},
                                  {"account", "letsencrypt"},
                                  {"names", {"a.test"}},
                                  {"failed_names", Json::array()},
                                  {"error", ""}}});
  answer_ = ok(shown);
  const Said said = call({"certificates", "show", "a.test"});
  EXPECT_THAT(said.out, ContainsRegex("names +a.test, www.a.test"));
  EXPECT_THAT(said.out, ContainsRegex("4 +2026-01-31 12:00:00 +done +letsencrypt +a.test"));
  EXPECT_THAT(said.out, HasSubstr("job 7: done, 1 attempts\n  12:00:01  look: seen (1.2 s)\n"));
}

// The accounts of an escalation: one for tests, and one that browsers trust.
Json accounts() {
  return {{"items",
           {{{"name", "letsencrypt"}, {"state", "valid"}, {"trusted", true}},
            {{"name", "letsencrypt-staging"}, {"state", "valid"}, {"trusted", false}},
            {{"name", "old"}, {"state", "deactivated"}, {"trusted", true}}}}};
}

Json certificate(const char* issuer, const char* version_issuer) {
  return {{"name", "a.test"}, {"issuer", issuer}, {"version_issuer", version_issuer}};
}

TEST_F(CommandLineTest, EscalatingTakesOneStepAtATime) {
  struct Row {
    const char* issuer;
    const char* version_issuer;
    const char* next;
  };
  for (const Row& row : {Row{"internal", "internal", "letsencrypt-staging"},
                         Row{"letsencrypt-staging", "letsencrypt-staging", "letsencrypt"}}) {
    first_answers_ = {ok(certificate(row.issuer, row.version_issuer)), ok(accounts())};
    answer_ = ok({{"name", "a.test"}, {"next_step", "ordered"}});
    const Said said = call({"certificates", "escalate", "a.test"});
    EXPECT_EQ(said.code, 0) << said.err;
    EXPECT_EQ(asked_.method + " " + asked_.path, "PUT /api/certificates/a.test");
    EXPECT_EQ(Json::parse(asked_.body), (Json{{"issuer", row.next}}));
    EXPECT_THAT(said.out, HasSubstr(std::string(row.next) + " follows " + row.issuer));
  }
}

TEST_F(CommandLineTest, EscalatingWaitsForTheStepBefore) {
  first_answers_ = {ok(certificate("letsencrypt-staging", "internal")), ok(accounts())};
  const Said said = call({"certificates", "escalate", "a.test"});
  EXPECT_EQ(said.code, 6);
  EXPECT_THAT(said.err, HasSubstr("a.test has no certificate of letsencrypt-staging yet"));
  EXPECT_THAT(all_asked_, Not(testing::Contains("PUT /api/certificates/a.test")));
}

TEST_F(CommandLineTest, EscalatingEndsWithATrustedIssuer) {
  for (const char* issuer : {"letsencrypt", "file"}) {
    first_answers_ = {ok(certificate(issuer, issuer)), ok(accounts())};
    const Said said = call({"certificates", "escalate", "a.test", "--all"});
    EXPECT_EQ(said.code, 0);
    EXPECT_THAT(said.out, HasSubstr("a.test has the best issuer already"));
  }
  first_answers_ = {ok(certificate("internal", "internal")), ok({{"items", Json::array()}})};
  EXPECT_EQ(call({"certificates", "escalate", "a.test"}).code, 5);
}

TEST_F(CommandLineTest, EscalatingToTheEndGoesOnAfterEachStep) {
  const Json begun = job("waiting", 0, Json::array());
  const Json done = job("done", 1, Json::array());
  first_answers_ = {ok(certificate("internal", "internal")),
                    ok(accounts()),
                    ok(asked(begun)),
                    ok(done),
                    ok(certificate("letsencrypt-staging", "letsencrypt-staging")),
                    ok(accounts()),
                    ok(asked(begun)),
                    ok(done),
                    ok(certificate("letsencrypt", "letsencrypt")),
                    ok(accounts())};
  const Said said = call({"certificates", "escalate", "a.test", "--all"});
  EXPECT_EQ(said.code, 0) << said.err;
  EXPECT_THAT(said.out, HasSubstr("letsencrypt-staging follows internal"));
  EXPECT_THAT(said.out, HasSubstr("letsencrypt follows letsencrypt-staging"));
  EXPECT_THAT(said.out, HasSubstr("has the best issuer already: letsencrypt"));
  EXPECT_TRUE(first_answers_.empty());
}

}  // namespace
}  // namespace podplay::cli
