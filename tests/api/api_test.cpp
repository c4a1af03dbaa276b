// The whole table of routes against a real store: permissions, problems, idempotency, pages.
#include "api/api.hpp"

#include <gtest/gtest.h>

#include <algorithm>

#include "api/link.hpp"
#include "api/routes.hpp"
#include "cli/commands.hpp"
#include "control/jobs/jobs.hpp"
#include "control/plane.hpp"

namespace podplay::api {
namespace {

using namespace std::chrono_literals;

class ApiTest : public testing::Test {
 protected:
  net::HttpResponse ask(const std::string& method, const std::string& path,
                        const std::string& body = {}, net::Headers headers = {}) {
    net::HttpRequest request{.method = method,
                             .path = path,
                             .query = {},
                             .headers = std::move(headers),
                             .body = body,
                             .remote_address = "127.0.0.1"};
    const std::size_t question = path.find('?');
    if (question != path.npos) {
      request.path = path.substr(0, question);
      const std::string pair = path.substr(question + 1);
      request.query[pair.substr(0, pair.find('='))] = pair.substr(pair.find('=') + 1);
    }
    if (!token_.empty()) {
      request.headers.emplace("Authorization", "Bearer " + token_);
    }
    if (!body.empty()) {
      request.headers.emplace("Content-Type", "application/json");
    }
    return api_.handle(request);
  }
  Json json(const net::HttpResponse& response) { return Json::parse(response.body); }
  void log_in() {
    plane_.make_admin();
    token_ = json(ask("POST", "/api/login",
                      R"({"email":"admin@example.test","password":"password123"})"))["token"];
  }

  test::Plane plane_;
  Api api_{plane_.context()};
  std::string token_;
};

TEST(Routes, EveryOneHasWhatItMust) {
  for (const Route& route : routes()) {
    const std::string name = std::string(route.method) + " " + std::string(route.path);
    EXPECT_FALSE(route.help.empty()) << name;
    EXPECT_EQ(route.audit.empty(), route.method == "GET")
        << name << ": writes have an audit event, reads have none";
    EXPECT_EQ(route.effect == Effect::reads, route.method == "GET") << name;
    EXPECT_TRUE(route.method != "PUT" || route.shape != nullptr) << name;
    const bool needs_command = route.path.starts_with("/api/") && route.path != "/api/openapi.json";
    EXPECT_TRUE(!needs_command || !route.cli.empty()) << name << " has no command";
  }
}

TEST(Routes, EveryCommandExistsOnBothSides) {
  const auto has_command = [](std::string_view words) {
    return std::ranges::any_of(cli::commands(),
                               [&](const auto& row) { return words == cli::command_words(row); });
  };
  for (const Route& route : routes()) {
    EXPECT_TRUE(route.cli.empty() || has_command(route.cli)) << route.cli;
  }
  for (const cli::CommandRow& row : cli::commands()) {
    if (row.run != nullptr) {
      continue;
    }
    const auto route = std::ranges::find_if(routes(), [&](const Route& one) {
      return one.method == row.method && one.path == row.path;
    });
    ASSERT_NE(route, routes().end()) << row.path;
    // What reads may wait for a revision; what acts at once has none.
    if (route->effect != Effect::reads) {
      EXPECT_EQ(row.wait == cli::Wait::no, route->effect == Effect::acts) << row.path;
      EXPECT_TRUE(row.dry_run) << row.path << ": every write accepts --dry-run";
    }
  }
}

TEST_F(ApiTest, NothingWithoutAToken) {
  for (const Route& route : routes()) {
    if (route.permission == Permission::anyone) {
      continue;
    }
    std::string path(route.path);
    if (const std::size_t brace = path.find('{'); brace != path.npos) {
      path.replace(brace, path.find('}') - brace + 1, "1");
    }
    const auto answer = ask(std::string(route.method), path, route.shape == nullptr ? "" : "{}");
    EXPECT_EQ(answer.status, 401) << path;
    EXPECT_EQ(answer.header("WWW-Authenticate"), "Bearer");
  }
}

TEST_F(ApiTest, ProblemsAreProblems) {
  log_in();
  const auto missing = ask("GET", "/api/nothing");
  EXPECT_EQ(missing.status, 404);
  EXPECT_EQ(missing.header("Content-Type"), "application/problem+json");
  const auto method = ask("PATCH", "/api/users");
  EXPECT_EQ(method.status, 405);
  EXPECT_EQ(method.header("Allow"), "GET, HEAD, POST");
  EXPECT_EQ(ask("HEAD", "/api/users").status, 200);
  EXPECT_EQ(ask("HEAD", "/api/users/nobody@example.test").status, 404);
  EXPECT_EQ(ask("HEAD", "/api/login").status, 405);
  EXPECT_EQ(ask("POST", "/api/users", "{}", {{"Content-Type", "text/plain"}}).status, 415);
  EXPECT_EQ(ask("POST", "/api/users", "{").status, 400);
  const auto domain =
      ask("POST", "/api/users", R"({"email":"x@missing.test","password":"password123"})");
  EXPECT_EQ(domain.status, 400);
  EXPECT_EQ(json(domain)["errors"][0]["code"], "domain_missing");
  EXPECT_EQ(json(domain)["request_id"], domain.header("X-Request-Id"));
  EXPECT_EQ(ask("GET", "/api/users?limit=0").status, 400);
  EXPECT_EQ(ask("GET", "/livez", "", {{"X-Request-Id", "mine-1"}}).header("X-Request-Id"),
            "mine-1");
}

TEST_F(ApiTest, UsersFromCreationToDeletion) {
  log_in();
  const auto made =
      ask("POST", "/api/users", R"({"email":"new@example.test","password":"password123"})");
  ASSERT_EQ(made.status, 201) << made.body;
  EXPECT_EQ(made.body.find("argon2"), std::string::npos);
  const std::string etag = made.header("ETag");
  EXPECT_EQ(ask("GET", "/api/users/new@example.test").header("ETag"), etag);
  EXPECT_EQ(
      ask("PUT", "/api/users/new@example.test", R"({"quota":7})", {{"If-Match", "\"1\""}}).status,
      412);
  EXPECT_EQ(
      ask("PUT", "/api/users/new@example.test", R"({"quota":7})", {{"If-Match", "\"0\""}}).status,
      412)
      << "0 is a tag like any other";
  EXPECT_EQ(ask("DELETE", "/api/users/new@example.test", "", {{"If-Match", "\"0\""}}).status, 412);
  EXPECT_EQ(
      ask("PUT", "/api/users/new@example.test", R"({"quota":7})", {{"If-Match", etag}}).status,
      200);
  EXPECT_EQ(json(ask("GET", "/api/users/new@example.test"))["quota"], 7);
  const auto page = json(ask("GET", "/api/users?limit=1"));
  EXPECT_EQ(page["items"].size(), 1U);
  EXPECT_TRUE(page["next"].is_string());
  EXPECT_EQ(ask("DELETE", "/api/users/new@example.test").status, 200);
  EXPECT_EQ(ask("GET", "/api/users/new@example.test").status, 404);
}

TEST_F(ApiTest, TheSameKeyIsTheSameAnswer) {
  log_in();
  const std::string body = R"({"email":"once@example.test","password":"password123"})";
  const auto first = ask("POST", "/api/users", body, {{"Idempotency-Key", "k1"}});
  const auto again = ask("POST", "/api/users", body, {{"Idempotency-Key", "k1"}});
  EXPECT_EQ(first.status, 201);
  EXPECT_EQ(again.status, 201);
  EXPECT_EQ(json(again), json(first));
  EXPECT_EQ(ask("POST", "/api/users", R"({"email":"two@example.test","password":"password123"})",
                {{"Idempotency-Key", "k1"}})
                .status,
            409);
  EXPECT_EQ(ask("POST", "/api/users", body).status, 409)
      << "without the key it is a second creation";
}

TEST_F(ApiTest, WaitingTellsWhatIsPending) {
  log_in();
  const auto made = json(
      ask("POST", "/api/users?wait=1", R"({"email":"w@example.test","password":"password123"})"));
  EXPECT_EQ(made["applied"]["state"], "pending");
  EXPECT_EQ(made["applied"]["services"][0]["service"], "mail");
  EXPECT_EQ(
      json(ask("GET", "/api/revisions/" + std::to_string(made["revision"].get<int>())))["summary"],
      "create user w@example.test");
  const auto dry = json(ask("POST", "/api/users?dry_run=1",
                            R"({"email":"d@example.test","password":"password123"})"));
  EXPECT_EQ(dry["rows"][0]["key"], "d@example.test");
  EXPECT_EQ(ask("GET", "/api/users/d@example.test").status, 404);
}

TEST_F(ApiTest, TheLinkKnowsAgentsByTheirCertificateOnly) {
  net::HttpRequest work{.method = "POST", .path = "/link/work"};
  work.body =
      R"({"status":{"service":"mail","host":"main","state":"starting","revision":0,"feed_seq":0,)"
      R"("set_aside_count":0,"set_aside":[],"daemons":[],"probes":[],"stage":"","message":"",)"
      R"("seen":0},"snapshot_hash":"","position":{"generation":"","epoch":"","seq":0,)"
      R"("marks":{"revision":0,"id":0}},"wait":0})";
  EXPECT_EQ(handle_link(plane_.context(), work).status, 401);
  work.peer_name = "apache@main";
  const Json answer = Json::parse(handle_link(plane_.context(), work).body);
  EXPECT_EQ(answer["snapshot"]["service"], "apache") << "whatever the question says";
  EXPECT_EQ(answer.dump().find("argon2"), std::string::npos) << "no other service's rows";

  net::HttpRequest commands{.method = "POST", .path = "/link/commands"};
  commands.body = R"({"instance":"i","wait":0})";
  EXPECT_EQ(handle_link(plane_.context(), commands).status, 401);
  commands.peer_name = "apache@main";
  EXPECT_EQ(handle_link(plane_.context(), commands).body, R"({"commands":[]})");
}

TEST_F(ApiTest, WhatCannotBeTriedOutRefusesADryRun) {
  log_in();
  for (const auto& [path, body] : std::initializer_list<std::pair<const char*, const char*>>{
           {"/api/system/restart?dry_run=1", R"({"service":"mail"})"},
           {"/api/mail/send?dry_run=1",
            R"({"to":["admin@example.test"],"subject":"s","text":"t"})"},
           {"/api/logout?dry_run=1", ""}}) {
    const auto refused = ask("POST", path, body);
    EXPECT_EQ(refused.status, 400) << path;
    EXPECT_EQ(json(refused)["errors"][0]["code"], "no_dry_run") << refused.body;
  }
  EXPECT_EQ(ask("POST", "/api/users?dry_run=yes",
                R"({"email":"d@example.test","password":"password123"})")
                .status,
            400);
  EXPECT_EQ(ask("GET", "/api/session").status, 200) << "still logged in";
  const Json paths = openapi()["paths"];
  const auto names = [&](const char* path, const char* method) {
    std::vector<std::string> found;
    for (const Json& parameter : paths[path][method]["parameters"]) {
      found.push_back(parameter["name"]);
    }
    return found;
  };
  EXPECT_EQ(names("/api/mail/send", "post"), (std::vector<std::string>{"Idempotency-Key"}));
  EXPECT_EQ(names("/api/users", "post"),
            (std::vector<std::string>{"wait", "dry_run", "Idempotency-Key"}));
  EXPECT_EQ(names("/api/users", "get"), (std::vector<std::string>{"limit", "cursor", "domain"}));
}

TEST_F(ApiTest, AMisspeltParameterIsNotOverlooked) {
  log_in();
  const auto refused =
      ask("POST", "/api/users?dryrun=1", R"({"email":"d@example.test","password":"password123"})");
  EXPECT_EQ(refused.status, 400);
  EXPECT_EQ(json(refused)["errors"][0]["remedy"], "did you mean dry_run?");
  EXPECT_EQ(ask("GET", "/api/users/d@example.test").status, 404);
  EXPECT_EQ(json(ask("GET", "/api/users?domain=no+domain"))["errors"][0]["code"], "bad_domain");
  EXPECT_EQ(json(ask("GET", "/api/users?domain=Example.TEST"))["items"].size(), 1U);
}

TEST_F(ApiTest, ReadinessSaysWhoIsMissing) {
  const auto ready = ask("GET", "/readyz");
  EXPECT_EQ(ready.status, 503);
  EXPECT_EQ(json(ready)["services"][2]["state"], "starting");
}

TEST_F(ApiTest, JobsAreListedShownAndRun) {
  log_in();
  const auto job = control::start_job(plane_.context(),
                                      {.kind = "audit_retention", .due = plane_.clock.now() + 1h});
  ASSERT_TRUE(job);
  const std::string path = "/api/jobs/" + std::to_string(job->id);
  const Json page = json(ask("GET", "/api/jobs?state=waiting"));
  EXPECT_EQ(page["items"].size(), 1U);
  EXPECT_EQ(page["items"][0]["kind"], "audit_retention");
  EXPECT_EQ(json(ask("GET", "/api/jobs?state=done"))["items"].size(), 0U);
  EXPECT_EQ(json(ask("GET", "/api/jobs?kind=none"))["errors"][0]["code"], "unknown_kind");
  EXPECT_EQ(json(ask("GET", "/api/jobs?state=no"))["errors"][0]["code"], "unknown_state");
  EXPECT_EQ(json(ask("GET", path))["steps"], Json::array());
  EXPECT_EQ(json(ask("GET", path))["finished"], Json(nullptr));
  EXPECT_EQ(ask("GET", "/api/jobs/77777").status, 404);
  EXPECT_EQ(ask("GET", path + "/run").status, 405);
  EXPECT_EQ(ask("POST", "/api/jobs//run").status, 404);
  const auto run = ask("POST", "/api/jobs/audit_retention/run");
  EXPECT_EQ(run.status, 202) << run.body;
  EXPECT_EQ(json(run)["id"], job->id);
  EXPECT_EQ(json(ask("GET", "/api/audit?limit=1"))["items"][0]["event"], "JOB_RUN");
}

TEST_F(ApiTest, DeletedMailNeedsItsAgentAndARestoreItsMailbox) {
  log_in();
  EXPECT_EQ(ask("GET", "/api/mail/deleted").status, 503);
  EXPECT_EQ(ask("DELETE", "/api/sites/deleted/a.test-1").status, 503);
  const auto refused = ask("POST", "/api/mail/deleted/a@example.test-1/restore", "{}");
  EXPECT_EQ(json(refused)["errors"][0]["code"], "missing") << refused.body;
  const auto missing = ask("POST", "/api/mail/deleted/a@example.test-1/restore",
                           R"({"mailbox":"nobody@example.test"})");
  EXPECT_EQ(json(missing)["errors"][0]["code"], "mailbox_missing") << missing.body;
}

}  // namespace
}  // namespace podplay::api
