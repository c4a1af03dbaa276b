// Every route that answers without an agent does so in its shape; the fixture checks each answer.
#include <gtest/gtest.h>

#include "api/api_fixture.hpp"
#include "api/openapi.hpp"
#include "control/fake_agent.hpp"

namespace podplay::api {
namespace {

constexpr const char* kChosen = R"({"queue_ids":["4gGZQW3k2bzQkYp"]})";

class ShapesTest : public test::ApiTest {
 protected:
  // Answers the next command as the mail agent would, while `ask_api` asks for it.
  net::HttpResponse with_agent(const std::string& result, auto ask_api) {
    const test::FakeAgent agent(plane_.context(), {ServiceName::mail},
                                {{.id = "", .ok = true, .result = result}});
    const net::HttpResponse response = ask_api();
    EXPECT_FALSE(agent.taken.empty());
    return response;
  }
};

TEST_F(ShapesTest, HaveEveryRouteAndItsAnswers) {
  log_in();
  struct Row {
    const char* method;
    const char* path;
    const char* body = "";
    int status = 200;
  };
  const Row rows[] = {
      {.method = "GET", .path = "/livez"},
      {.method = "GET", .path = "/startupz"},
      {.method = "GET", .path = "/readyz", .status = 503},
      {.method = "GET", .path = "/api/openapi.json"},
      {.method = "GET", .path = "/api/session"},
      {.method = "POST",
       .path = "/api/users",
       .body = R"({"email":"u@example.test","password":"password123"})",
       .status = 201},
      {.method = "POST",
       .path = "/api/users?wait=1",
       .body = R"({"email":"v@example.test","password":"password123"})",
       .status = 201},
      {.method = "POST",
       .path = "/api/users?dry_run=1",
       .body = R"({"email":"w@example.test","password":"password123"})"},
      {.method = "GET", .path = "/api/users?limit=1"},
      {.method = "GET", .path = "/api/users/u@example.test"},
      {.method = "PUT", .path = "/api/users/u@example.test", .body = R"({"quota":7})"},
      {.method = "POST",
       .path = "/api/aliases",
       .body = R"({"address":"i@example.test","targets":["u@example.test"]})",
       .status = 201},
      {.method = "GET", .path = "/api/aliases"},
      {.method = "GET", .path = "/api/aliases/i@example.test"},
      {.method = "PUT", .path = "/api/aliases/i@example.test", .body = R"({"enabled":false})"},
      {.method = "DELETE", .path = "/api/aliases/i@example.test"},
      {.method = "DELETE", .path = "/api/users/u@example.test"},
      {.method = "POST", .path = "/api/domains", .body = R"({"name":"b.test"})", .status = 201},
      {.method = "GET", .path = "/api/domains"},
      {.method = "GET", .path = "/api/domains/b.test"},
      {.method = "PUT", .path = "/api/domains/b.test", .body = R"({"enabled":false})"},
      {.method = "DELETE", .path = "/api/domains/b.test"},
      {.method = "POST",
       .path = "/api/domains/import",
       .body = R"({"names":["c.test","d.test"]})",
       .status = 201},
      {.method = "GET", .path = "/api/certificates"},
      {.method = "GET", .path = "/api/certificates/example.test"},
      {.method = "GET", .path = "/api/acme/accounts"},
      {.method = "GET", .path = "/api/revisions"},
      {.method = "GET", .path = "/api/revisions/1"},
      {.method = "GET", .path = "/api/settings"},
      {.method = "GET", .path = "/api/audit"},
      {.method = "GET", .path = "/api/system/status"},
      {.method = "GET", .path = "/api/system/history"},
      {.method = "GET", .path = "/api/mail/trace"},
      {.method = "GET", .path = "/api/system/logs"},
  };
  for (const Row& row : rows) {
    const auto response = ask(row.method, row.path, row.body);
    EXPECT_EQ(response.status, row.status) << row.method << " " << row.path << response.body;
  }
  const auto imported = ask("POST", "/api/users/import",
                            "{\"email\":\"m@example.test\",\"password\":\"password123\"}\n",
                            {{"Content-Type", "application/x-ndjson"}});
  EXPECT_EQ(imported.status, 201) << imported.body;
  EXPECT_EQ(json(imported)["created"], 1);
  EXPECT_EQ(json(ask("POST", "/api/logout"))["logged_out"], "admin@example.test");
}

TEST_F(ShapesTest, AgentsAnswersBecomeTheApis) {
  log_in();
  const auto queue = with_agent(R"({"messages":[],"truncated":false})",
                                [&] { return ask("GET", "/api/mail/queue"); });
  EXPECT_EQ(queue.status, 200) << queue.body;
  EXPECT_TRUE(json(queue)["next"].is_null());
  const std::string message =
      R"({"queue_name":"deferred","queue_id":"4gGZQW3k2bzQkYp","arrival_time":1767225600,)"
      R"("message_size":312,"forced_expire":false,"sender":"a@example.test",)"
      R"("recipients":[{"address":"b@far.test","delay_reason":"refused"}]})";
  const auto page = with_agent(R"({"messages":[)" + message + R"(],"truncated":true})",
                               [&] { return ask("GET", "/api/mail/queue?state=deferred"); });
  EXPECT_EQ(json(page)["next"], "1767225600-4gGZQW3k2bzQkYp") << page.body;
  EXPECT_EQ(json(page)["items"][0]["recipients"][0]["delay_reason"], "refused");
  const std::string touched =
      R"({"count":1,"queue_ids":["4gGZQW3k2bzQkYp"],"messages":[)" + message + R"(],"more":false})";
  for (const auto& response :
       {with_agent(touched, [&] { return ask("POST", "/api/mail/queue/retry", kChosen); }),
        with_agent(touched, [&] { return ask("POST", "/api/mail/queue/hold", kChosen); }),
        with_agent(touched, [&] { return ask("POST", "/api/mail/queue/release", kChosen); }),
        with_agent(touched, [&] { return ask("POST", "/api/mail/queue/delete", kChosen); }),
        with_agent(touched, [&] {
          return ask("POST", "/api/mail/queue/delete?dry_run=1", R"({"all":true,"bounce":true})");
        })}) {
    EXPECT_EQ(response.status, 200) << response.body;
    EXPECT_EQ(json(response)["count"], 1);
  }
  for (const char* body : {"{}", R"({"all":true,"state":"hold"})", R"({"queue_ids":["-d"]})",
                           R"({"state":"lost"})", R"({"older_than":-1})"}) {
    EXPECT_EQ(ask("POST", "/api/mail/queue/delete", body).status, 400) << body;
  }
  EXPECT_EQ(ask("GET", "/api/mail/queue?cursor=x").status, 400);
  const auto events = json(ask("GET", "/api/audit?search=4gGZQW3k2bzQkYp"));
  EXPECT_EQ(events["items"].size(), 4U) << "a dry run leaves none: " << events;
  const auto sent = with_agent(R"({"accepted":1})", [&] {
    return ask("POST", "/api/mail/send", R"({"to":["x@example.test"],"subject":"s","text":"t"})");
  });
  EXPECT_EQ(sent.status, 202) << sent.body;
  EXPECT_EQ(json(sent)["to"], Json::array({"x@example.test"}));
  const auto tested =
      with_agent(R"({"message_id":"x@y","accepted_ms":1,"delivered_ms":2,"stages":[]})",
                 [&] { return ask("POST", "/api/mail/test", R"({"to":"admin@example.test"})"); });
  EXPECT_EQ(tested.status, 200) << tested.body;
  const auto restarted =
      with_agent("{}", [&] { return ask("POST", "/api/system/restart", R"({"service":"mail"})"); });
  EXPECT_EQ(restarted.status, 200) << restarted.body;
  const auto deleted =
      with_agent(R"({"total":2,"folders":[{"folder":"a@example.test-7","name":"a@example.test",)"
                 R"("revision":7,"deleted":1767225600000,"bytes":12}]})",
                 [&] { return ask("GET", "/api/mail/deleted?limit=1"); });
  EXPECT_EQ(deleted.status, 200) << deleted.body;
  EXPECT_EQ(json(deleted)["items"][0]["id"], "a@example.test-7");
  EXPECT_EQ(json(deleted)["next"], "1");
  const auto restored = with_agent(R"({"total":1,"folders":[]})", [&] {
    return ask("POST", "/api/mail/deleted/a@example.test-7/restore",
               R"({"mailbox":"admin@example.test"})");
  });
  EXPECT_EQ(restored.status, 202) << restored.body;
  const auto erased = with_agent(R"({"erased":1,"more":false})", [&] {
    return ask("DELETE", "/api/mail/deleted/a@example.test-7");
  });
  EXPECT_EQ(erased.status, 200) << erased.body;
  const auto strange =
      with_agent(R"({"nothing":1})", [&] { return ask("GET", "/api/mail/queue"); });
  EXPECT_EQ(strange.status, 500) << "an answer that cannot be read is not passed on";
  EXPECT_EQ(json(strange)["code"], "bad_result");
}

TEST(AnswersOfRoutes, AreInOpenapi) {
  const Json description = openapi();
  for (const Route& route : routes()) {
    EXPECT_TRUE(route.answer != nullptr || route.answer_form == AnswerForm::document ||
                route.path == "/api/openapi.json")
        << route.path;
    if (route.answer != nullptr) {
      EXPECT_TRUE(description["components"]["schemas"].contains(route.answer->name)) << route.path;
    }
  }
}

}  // namespace
}  // namespace podplay::api
