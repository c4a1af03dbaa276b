// Every route of the table keeps the contract that the description states: who is let in, what is
// refused and how. The table is walked, so a new route is tested without a line here.
#include <gtest/gtest.h>

#include <set>

#include "api/contract_fixture.hpp"
#include "api/docs.hpp"
#include "api/openapi.hpp"

namespace podplay::api {
namespace {

class Contract : public test::ContractTest {
 protected:
  static std::vector<const Route*> routes_with_json() {
    std::vector<const Route*> found;
    for (const Route& route : routes()) {
      const bool json =
          route.body_kind == BodyKind::json || route.body_kind == BodyKind::merge_patch;
      if (route.body != nullptr && json) {
        found.push_back(&route);
      }
    }
    return found;
  }
  // Who may do the most on the route.
  static std::string best_role(const Route& route) {
    return route.permission == Permission::anyone ? "" : "admin";
  }
  // A value that is none of the field's type.
  static Json wrong_value(wire::FieldType type) {
    switch (type) {
      case wire::FieldType::text: return 7;
      case wire::FieldType::boolean: return "yes";
      case wire::FieldType::integer: return "many";
      case wire::FieldType::text_list: return Json::array({1, 2});
      case wire::FieldType::object: return Json::array();
      case wire::FieldType::object_list: return Json::object();
    }
    return nullptr;
  }
};

TEST_F(Contract, NobodyIsLetInWithoutCredentials) {
  for (const Route& route : routes()) {
    if (route.permission == Permission::anyone) {
      continue;
    }
    const auto none = send_as("", route, "{}");
    expect_problem(none, 401, name_of(route));
    EXPECT_FALSE(none.header("WWW-Authenticate").empty()) << name_of(route);
    net::HttpRequest wrong{.method = std::string(route.method),
                           .path = path_of(route),
                           .headers = {{"Authorization", "Bearer no-token-of-ours"}}};
    expect_problem(send(wrong), 401, name_of(route));
  }
}

TEST_F(Contract, NobodyDoesWhatTheRoleMayNot) {
  for (const Route& route : routes()) {
    std::vector<std::string> too_low;
    if (route.permission == Permission::admin) {
      too_low = {"user", "domain-admin"};
    } else if (route.permission == Permission::domain_admin) {
      too_low = {"user"};
    }
    for (const std::string& role : too_low) {
      const auto answer = send_as(role, route, "{}");
      EXPECT_TRUE(answer.status == 403 || answer.status == 404)
          << role << " " << name_of(route) << " -> " << answer.status << " " << answer.body;
    }
  }
}

TEST_F(Contract, ATokenDoesOnlyWhatItsScopeSays) {
  const auto made = ask("POST", "/api/tokens", R"({"name":"audit only","scopes":["audit:read"]})");
  ASSERT_EQ(made.status, 201) << made.body;
  tokens_["auditor"] = json(made)["token"];
  for (const Route& route : routes()) {
    if (route.permission == Permission::anyone) {
      continue;
    }
    const auto answer = send_as("auditor", route, "{}");
    if (to_text(scope_of(route)) == "audit:read") {
      EXPECT_EQ(answer.status, 200) << name_of(route) << " " << answer.body;
    } else {
      expect_problem(answer, 403, name_of(route));
      EXPECT_EQ(json(answer)["code"], "scope_missing") << name_of(route);
    }
  }
}

TEST_F(Contract, ACookieAloneWritesNothing) {
  const auto csrf = send({.method = "GET", .path = "/api/csrf"});
  const auto cookie_in = [](const net::HttpResponse& answer) {
    const std::string header = answer.header("Set-Cookie");
    return header.substr(0, header.find(';'));
  };
  const auto login = send(
      {.method = "POST",
       .path = "/api/login",
       .headers = {{"Content-Type", "application/json"},
                   {"Cookie", cookie_in(csrf)},
                   {"X-CSRF-Token", json(csrf)["csrf_token"]}},
       .body = R"({"email":"admin@example.test","password":"password123","session":"cookie"})"});
  ASSERT_EQ(login.status, 200) << login.body;
  const std::string session = cookie_in(login);
  ASSERT_TRUE(session.starts_with("__Host-session_id=")) << session;
  for (const Route& route : routes()) {
    if (route.permission == Permission::anyone || route.method == "GET") {
      continue;
    }
    const auto answer =
        send({.method = std::string(route.method),
              .path = path_of(route),
              .headers = {{"Cookie", session}, {"Content-Type", "application/json"}},
              .body = "{}"});
    expect_problem(answer, 403, name_of(route));
    EXPECT_EQ(json(answer)["code"], "csrf") << name_of(route);
  }
  EXPECT_EQ(
      send({.method = "GET", .path = "/api/session", .headers = {{"Cookie", session}}}).status,
      200);
}

TEST_F(Contract, ABodyThatIsNoJsonIsRefused) {
  const std::pair<const char*, std::string> bodies[] = {
      {"nothing", ""},
      {"half an object", "{"},
      {"a list", "[]"},
      {"a number", "17"},
      {"two objects", "{} {}"},
      {"no UTF-8", "{\"name\": \"\xff\xfe\"}"},
      {"half a surrogate", R"({"name": "\ud800"})"},
      {"a zero octet", std::string("{\"a\": 1}\0", 9)},
      {"deep nesting", std::string(15000, '[')},
  };
  for (const Route* route : routes_with_json()) {
    for (const auto& [what, body] : bodies) {
      net::HttpRequest request{.method = std::string(route->method), .path = path_of(*route)};
      request.headers["Content-Type"] = "application/json";
      if (const std::string role = best_role(*route); !role.empty()) {
        request.headers["Authorization"] = "Bearer " + tokens_.at(role);
      }
      request.body = body;
      const auto answer = send(request);
      EXPECT_TRUE(answer.status == 400) << name_of(*route) << " with " << what << " -> "
                                        << answer.status << " " << answer.body.substr(0, 300);
    }
  }
}

TEST_F(Contract, AFieldOfAnotherTypeIsNamed) {
  for (const Route* route : routes_with_json()) {
    for (const wire::FieldRow& field : route->body->fields) {
      const Json body{{std::string(field.name), wrong_value(field.type)}};
      const auto answer = send_as(best_role(*route), *route, body.dump());
      expect_problem(answer, 400, name_of(*route) + " " + std::string(field.name),
                     std::string(field.name));
    }
  }
}

TEST_F(Contract, AFieldThatDoesNotExistIsNamed) {
  for (const Route* route : routes_with_json()) {
    const auto answer = send_as(best_role(*route), *route, R"({"no_such_field": 1})");
    expect_problem(answer, 400, name_of(*route), "no_such_field");
  }
}

TEST_F(Contract, AMissingFieldIsNamed) {
  for (const Route* route : routes_with_json()) {
    for (const wire::FieldRow& field : route->body->fields) {
      if (!field.required || route->body_kind == BodyKind::merge_patch) {
        continue;
      }
      const auto answer = send_as(best_role(*route), *route, "{}");
      expect_problem(answer, 400, name_of(*route), std::string(field.name));
    }
  }
}

TEST_F(Contract, ALargeBodyIsRefused) {
  for (const Route* route : routes_with_json()) {
    const std::size_t limit =
        route->permission == Permission::anyone ? std::size_t{16} << 10U : route->body_limit;
    if (limit > kBodyLimit) {
      continue;
    }
    const auto answer = send_as(best_role(*route), *route, std::string(limit + 1, ' '));
    expect_problem(answer, 413, name_of(*route));
  }
}

TEST_F(Contract, AnotherMediaTypeIsRefused) {
  for (const Route& route : routes()) {
    if (route.body == nullptr) {
      continue;
    }
    for (const char* type : {"text/plain", "application/xml", ""}) {
      net::HttpRequest request{.method = std::string(route.method), .path = path_of(route)};
      request.headers["Content-Type"] = type;
      if (const std::string role = best_role(route); !role.empty()) {
        request.headers["Authorization"] = "Bearer " + tokens_.at(role);
      }
      request.body = "{}";
      expect_problem(send(request), 415, name_of(route) + " " + type);
    }
  }
}

TEST_F(Contract, AParameterThatDoesNotExistIsNamed) {
  for (const Route& route : routes()) {
    net::HttpRequest request{.method = std::string(route.method), .path = path_of(route)};
    request.query["no_such_parameter"] = "1";
    if (const std::string role = best_role(route); !role.empty()) {
      request.headers["Authorization"] = "Bearer " + tokens_.at(role);
    }
    expect_problem(send(request), 400, name_of(route), "no_such_parameter");
  }
}

TEST_F(Contract, AWrongNumberOrTimeIsNamed) {
  const std::set<std::string_view> checked{"limit", "wait", "dry_run", "since", "until", "sort"};
  for (const Route& route : routes()) {
    for (const QueryRow& row : query_rows(route)) {
      if (!checked.contains(row.name) || route.effect != Effect::reads) {
        continue;
      }
      net::HttpRequest request{.method = std::string(route.method), .path = path_of(route)};
      request.query[std::string(row.name)] = "nonsense";
      if (const std::string role = best_role(route); !role.empty()) {
        request.headers["Authorization"] = "Bearer " + tokens_.at(role);
      }
      expect_problem(send(request), 400, name_of(route), std::string(row.name));
    }
  }
}

TEST_F(Contract, HeadIsGetWithoutItsBody) {
  for (const Route& route : routes()) {
    if (route.method != "GET" || route.path.find('{') != route.path.npos) {
      continue;
    }
    net::HttpRequest request{.method = "HEAD", .path = path_of(route)};
    if (const std::string role = best_role(route); !role.empty()) {
      request.headers["Authorization"] = "Bearer " + tokens_.at(role);
    }
    const auto head = send(request);
    request.method = "GET";
    EXPECT_EQ(head.status, send(request).status) << name_of(route);
    EXPECT_TRUE(head.body.empty()) << name_of(route);
  }
}

TEST_F(Contract, AMethodThatAPathDoesNotTakeIsSaid) {
  std::map<std::string, std::set<std::string>> methods;
  for (const Route& route : routes()) {
    methods[path_of(route)].insert(std::string(route.method));
  }
  for (const auto& [path, known] : methods) {
    const auto options = send({.method = "OPTIONS", .path = path});
    EXPECT_EQ(options.status, 200) << path;
    for (const std::string& method : known) {
      EXPECT_NE((", " + options.header("Allow") + ",").find(", " + method + ","), std::string::npos)
          << path << " " << options.header("Allow");
    }
    for (const char* method : {"GET", "POST", "PUT", "PATCH", "DELETE"}) {
      if (known.contains(method) || find_route(method, path).route != nullptr) {
        continue;
      }
      const auto answer = send({.method = method, .path = path});
      expect_problem(answer, 405, std::string(method) + " " + path);
      EXPECT_FALSE(answer.header("Allow").empty()) << method << " " << path;
    }
  }
}

TEST_F(Contract, APathWithNonsenseIsNoDefect) {
  for (const Route& route : routes()) {
    if (route.path.find('{') == route.path.npos || route.method != "GET") {
      continue;
    }
    for (const char* id : {"%00", "%0d%0aX:%20y", "..", "9223372036854775808", "-1", "a%20b", "%ff",
                           "%E2%82%AC", "'%20OR%201=1--", "0"}) {
      std::string path(route.path);
      const std::size_t brace = path.find('{');
      path.replace(brace, path.find('}') - brace + 1, id);
      net::HttpRequest request{.method = "GET", .path = path};
      request.headers["Authorization"] = "Bearer " + tokens_.at("admin");
      const auto answer = send(request);
      EXPECT_TRUE(answer.status >= 400 && answer.status < 500)
          << path << " -> " << answer.status << " " << answer.body;
    }
  }
}

// --- merge patches ---

TEST_F(Contract, APatchKeepsWhatItLeavesOut) {
  const std::string path = "/api/users/ursula@example.test";
  const net::Headers patch{{"Content-Type", "application/merge-patch+json"}};
  EXPECT_EQ(ask("PATCH", path, R"({"quota": 1000, "services": ["mail"]})", patch).status, 200);
  const Json after = json(ask("PATCH", path, R"({"enabled": false})", patch));
  EXPECT_EQ(after["quota"], 1000);
  EXPECT_EQ(after["services"], Json::array({"mail"}));
  EXPECT_EQ(after["enabled"], false);
  const Json same = json(ask("PATCH", path, "{\"enabled\": false}", patch));
  EXPECT_EQ(same["changed"], false);
}

TEST_F(Contract, NullInAPatchGivesAFieldItsDefault) {
  const std::string path = "/api/users/ursula@example.test";
  const net::Headers patch{{"Content-Type", "application/merge-patch+json"}};
  ask("PATCH", path, R"({"quota": 1000, "enabled": false})", patch);
  const Json after = json(ask("PATCH", path, R"({"quota": null, "enabled": null})", patch));
  EXPECT_EQ(after["quota"], kDefaultQuota);
  EXPECT_EQ(after["enabled"], true);
  const auto refused = ask("PATCH", path, R"({"password": null})", patch);
  expect_problem(refused, 400, path, "password");
  EXPECT_EQ(json(refused)["errors"][0]["code"], "cannot_be_removed");
}

TEST_F(Contract, APatchHasConditionsAndADryRun) {
  const std::string path = "/api/domains/example.test";
  const auto etag = ask("GET", path).header("ETag");
  EXPECT_EQ(ask("PATCH", path, R"({"enabled": false})", {{"If-Match", "\"0\""}}).status, 412);
  EXPECT_EQ(json(ask("PATCH", path + "?dry_run=1", R"({"enabled": false})"))["dry_run"], true);
  EXPECT_EQ(ask("GET", path).header("ETag"), etag);
  EXPECT_EQ(json(ask("PATCH", path, "{}"))["changed"], false);
}

TEST_F(Contract, EveryPutHasAPatch) {
  for (const Route& route : routes()) {
    if (route.method == "PUT") {
      EXPECT_NE(find_route("PATCH", path_of(route)).route, nullptr) << name_of(route);
    }
  }
}

TEST_F(Contract, AKeyMakesADeletionOnce) {
  const auto first =
      ask("DELETE", "/api/aliases/info@example.test", "", {{"Idempotency-Key", "d"}});
  const auto again =
      ask("DELETE", "/api/aliases/info@example.test", "", {{"Idempotency-Key", "d"}});
  EXPECT_EQ(first.status, 200);
  EXPECT_EQ(again.status, 200);
  EXPECT_EQ(json(again), json(first));
  EXPECT_EQ(ask("DELETE", "/api/aliases/info@example.test").status, 404);
}

// --- the description ---

// --- routes that no other test asks for ---

TEST_F(Contract, TheFirstAdministratorIsMadeOnce) {
  const auto again =
      ask("POST", "/api/bootstrap",
          R"({"secret":"x","email":"second@example.test","password":"correct horse battery"})");
  EXPECT_EQ(again.status, 409) << again.body;
}

TEST_F(Contract, SettingsForMailClientsAreDocuments) {
  const std::map<std::string, std::string> query{{"host", "example.test"},
                                                 {"email", "ursula@example.test"}};
  EXPECT_EQ(send({.method = "GET", .path = "/mail-setup/apple", .query = query}).status, 200);
  EXPECT_EQ(
      send({.method = "POST", .path = "/mail-setup/outlook", .query = {{"host", "example.test"}}})
          .status,
      200);
}

TEST_F(Contract, TheDescriptionHasEveryRouteOnce) {
  std::set<std::string> ids;
  std::size_t count = 0;
  const Json description = openapi();
  for (const auto& [path, methods] : description["paths"].items()) {
    for (const auto& [method, operation] : methods.items()) {
      ++count;
      EXPECT_TRUE(ids.insert(operation["operationId"]).second) << operation["operationId"];
      EXPECT_NE(operation["tags"][0], "other") << path << " has no tag in src/api/openapi.cpp";
      EXPECT_FALSE(operation["x-permission"].get<std::string>().empty()) << path;
    }
  }
  EXPECT_EQ(count, routes().size());
}

TEST_F(Contract, TheExamplesFitTheirSchemas) {
  for (const Route& route : routes()) {
    for (const wire::Shape* shape : {route.body, route.answer, route.dry_run}) {
      if (shape == nullptr) {
        continue;
      }
      for (const Fault& fault : wire::check_shape(*shape, wire::example_of(*shape))) {
        ADD_FAILURE() << shape->name << ": the example is none: " << fault.message;
      }
    }
  }
}

TEST_F(Contract, ThePageNeedsNothingFromElsewhere) {
  const auto page = send({.method = "GET", .path = "/api/docs"});
  EXPECT_EQ(page.status, 200);
  EXPECT_NE(page.header("Content-Security-Policy").find("default-src 'none'"), std::string::npos);
  for (const char* loads : {"<script", "<img", "<link", "src=", "url(", "@import", "style=\""}) {
    EXPECT_EQ(page.body.find(loads), std::string::npos) << loads;
  }
  for (const Route& route : routes()) {
    EXPECT_NE(page.body.find("<code>" + std::string(route.path) + "</code>"), std::string::npos)
        << route.path;
  }
}

TEST(DocsPage, TextOfADescriptionIsNoMarkup) {
  Json description = openapi();
  description["paths"]["/api/users"]["get"]["summary"] = "<script>alert(1)</script>";
  const std::string page = docs_page(description);
  EXPECT_EQ(page.find("<script"), std::string::npos);
  EXPECT_NE(page.find("&lt;script&gt;"), std::string::npos);
}

}  // namespace
}  // namespace podplay::api
