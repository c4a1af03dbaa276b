// The steps that every request goes through: login, problems, keys, parameters.
#include "api/serve.hpp"

#include <gtest/gtest.h>

#include "api/api_fixture.hpp"
#include "api/openapi.hpp"

namespace podplay::api {
namespace {

class ServeTest : public test::ApiTest {};

TEST_F(ServeTest, NothingWithoutAToken) {
  for (const Route& route : routes()) {
    if (route.permission == Permission::anyone) {
      continue;
    }
    std::string path(route.path);
    if (const std::size_t brace = path.find('{'); brace != path.npos) {
      path.replace(brace, path.find('}') - brace + 1, "1");
    }
    const auto answer = ask(std::string(route.method), path, route.body == nullptr ? "" : "{}");
    EXPECT_EQ(answer.status, 401) << path;
    EXPECT_EQ(answer.header("WWW-Authenticate"), R"(Bearer realm="PodPlay")");
  }
}

TEST_F(ServeTest, ProblemsAreProblems) {
  log_in();
  const auto missing = ask("GET", "/api/nothing");
  EXPECT_EQ(missing.status, 404);
  EXPECT_EQ(missing.header("Content-Type"), "application/problem+json");
  const auto method = ask("PATCH", "/api/users");
  EXPECT_EQ(method.status, 405);
  EXPECT_EQ(method.header("Allow"), "GET, HEAD, POST, OPTIONS");
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

TEST_F(ServeTest, TheSameKeyIsTheSameAnswer) {
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

TEST_F(ServeTest, WhatCannotBeTriedOutRefusesADryRun) {
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
  EXPECT_EQ(
      names("/api/users", "get"),
      (std::vector<std::string>{"limit", "cursor", "domain", "enabled", "role", "search", "sort"}));
}

TEST_F(ServeTest, AMisspeltParameterIsNotOverlooked) {
  log_in();
  const auto refused =
      ask("POST", "/api/users?dryrun=1", R"({"email":"d@example.test","password":"password123"})");
  EXPECT_EQ(refused.status, 400);
  EXPECT_EQ(json(refused)["errors"][0]["remedy"], "did you mean dry_run?");
  EXPECT_EQ(ask("GET", "/api/users/d@example.test").status, 404);
  EXPECT_EQ(json(ask("GET", "/api/users?domain=no+domain"))["errors"][0]["code"], "bad_domain");
  EXPECT_EQ(json(ask("GET", "/api/users?domain=Example.TEST"))["items"].size(), 1U);
}

}  // namespace
}  // namespace podplay::api
