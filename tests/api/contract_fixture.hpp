// The API behind its real server, asked over HTTP, with people of each role.
#pragma once

#include <map>
#include <memory>
#include <string>

#include "api/api_fixture.hpp"
#include "net/http.hpp"

namespace podplay::test {

class ContractTest : public ApiTest {
 protected:
  void SetUp() override {
    log_in();
    tokens_["admin"] = token_;
    make_user("dora@example.test", "domain-admin");
    make_user("ursula@example.test", "user");
    ask("POST", "/api/aliases",
        R"({"address":"info@example.test","targets":["ursula@example.test"]})");
    ids_["users"] = "ursula@example.test";
    ids_["domains"] = "example.test";
    ids_["aliases"] = "info@example.test";
    ids_["certificates"] = "example.test";
    ids_["jobs"] = "audit_retention";
    net::HttpServerOptions options;
    options.body_limits = api::body_limits();
    options.admit = [this](const net::HttpRequest& head) { return api_.admit(head); };
    auto started = net::HttpServer::start(
        std::move(options),
        [this](const net::HttpRequest& request) { return api_.handle(request); }, silent_logger());
    ASSERT_TRUE(started) << describe(started.error());
    server_ = std::move(*started);
  }

  void make_user(const std::string& email, const std::string& role) {
    const std::string before = token_;
    const auto made =
        ask("POST", "/api/users",
            Json{{"email", email}, {"password", "password123"}, {"role", role}}.dump());
    EXPECT_EQ(made.status, 201) << made.body;
    token_.clear();
    const auto login =
        ask("POST", "/api/login", Json{{"email", email}, {"password", "password123"}}.dump());
    EXPECT_EQ(login.status, 200) << login.body;
    tokens_[role] = json(login)["token"];
    token_ = before;
  }

  // The path with an object that exists in place of its parameter.
  std::string path_of(const api::Route& route) const {
    std::string path(route.path);
    if (const std::size_t brace = path.find('{'); brace != path.npos) {
      const std::string noun = path.substr(5, path.find('/', 5) - 5);
      const auto id = ids_.find(noun);
      path.replace(brace, path.find('}') - brace + 1,
                   id == ids_.end() ? "1" : net::url_encode(id->second));
    }
    return path;
  }
  static std::string name_of(const api::Route& route) {
    return std::string(route.method) + " " + std::string(route.path);
  }

  // Over HTTP, with the headers as they are. Checks the answer against the route.
  net::HttpResponse send(net::HttpRequest request) {
    auto client =
        net::HttpClient::make({.base_url = "http://127.0.0.1:" + std::to_string(server_->port())});
    EXPECT_TRUE(client);
    const net::HttpRequest sent = request;
    auto answer = (*client)->send(sent);
    EXPECT_TRUE(answer) << sent.method << " " << sent.path << ": "
                        << (answer ? "" : describe(answer.error()));
    if (!answer) {
      return {};
    }
    check_status(sent, *answer);
    return *answer;
  }
  net::HttpResponse send_as(const std::string& role, const api::Route& route,
                            const std::string& body = {}) {
    net::HttpRequest request{.method = std::string(route.method), .path = path_of(route)};
    if (!role.empty()) {
      request.headers["Authorization"] = "Bearer " + tokens_.at(role);
    }
    if (route.body != nullptr) {
      request.headers["Content-Type"] = std::string(api::media_types(route.body_kind).front());
      request.body = body;
    }
    return send(std::move(request));
  }
  // Nothing is ever a defect. Without agents, what needs one is not available.
  void check_status(const net::HttpRequest& request, const net::HttpResponse& answer) {
    const bool away = answer.status == 503 || answer.status == 504;
    EXPECT_TRUE(answer.status < 500 || away)
        << request.method << " " << request.path << " " << request.body.substr(0, 200) << " -> "
        << answer.status << " " << answer.body;
    if (request.method != "HEAD") {
      check_answer(request, answer);
    }
  }
  // A problem with this status. One of a field names it.
  void expect_problem(const net::HttpResponse& answer, int status, const std::string& what,
                      const std::string& field = {}) {
    ASSERT_EQ(answer.status, status) << what << ": " << answer.body;
    ASSERT_EQ(answer.header("Content-Type"), "application/problem+json") << what;
    if (field.empty()) {
      return;
    }
    const Json problem = json(answer);
    const Json errors = problem.value("errors", Json::array());
    EXPECT_TRUE(std::ranges::any_of(
        errors, [&](const Json& one) { return one.value("field", "") == field; }))
        << what << " does not name " << field << ": " << answer.body;
  }

  // By role.
  std::map<std::string, std::string> tokens_;
  // By noun of the path.
  std::map<std::string, std::string> ids_;
  std::unique_ptr<net::HttpServer> server_;
};

}  // namespace podplay::test
