// An API on a whole control plane, called without a network.
#pragma once

#include <gtest/gtest.h>

#include <algorithm>
#include <sstream>
#include <string>

#include "api/import_rows.hpp"
#include "api/routes.hpp"
#include "api/serve.hpp"
#include "control/plane.hpp"
#include "wire/problem.hpp"
#include "wire/revisions.hpp"

namespace podplay::test {

using api::Json;

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
    net::HttpResponse response = api_.handle(request);
    // What comes in pieces is read to its end, as a client would.
    while (response.pieces) {
      const auto piece = response.pieces();
      EXPECT_TRUE(piece) << describe(piece.error());
      if (!piece || piece->empty()) {
        response.pieces = nullptr;
      } else {
        response.body += *piece;
      }
    }
    check_answer(request, response);
    return response;
  }
  Json json(const net::HttpResponse& response) { return Json::parse(response.body); }
  // Checks that the answer is one of those that the route's row describes: its status, its media
  // type, and every member of its body.
  void check_answer(const net::HttpRequest& request, const net::HttpResponse& response) {
    const api::Route* route = api::find_route(request.method, request.path).route;
    const std::string name =
        request.method + " " + request.path + " " + std::to_string(response.status);
    const std::string type = response.header("Content-Type");
    if (response.body.empty()) {
      EXPECT_TRUE(response.status == 304 || request.method == "OPTIONS") << name;
      EXPECT_EQ(type, "") << name;
      return;
    }
    const bool unready = response.status == 503 && route != nullptr && !route->unready.empty();
    if (response.status >= 400 && !unready) {
      EXPECT_EQ(type, "application/problem+json") << name;
      check_problem(response, name);
      if (route != nullptr) {
        check_code(*route, response, name);
      }
      return;
    }
    ASSERT_NE(route, nullptr) << name;
    if (type == "application/x-ndjson") {
      EXPECT_EQ(route->answer_form, api::AnswerForm::object_or_lines) << name;
      std::istringstream lines(response.body);
      for (std::string line; std::getline(lines, line);) {
        expect_shape(api::kImportLine, Json::parse(line), name);
      }
      return;
    }
    if (type == "text/event-stream") {
      EXPECT_EQ(route->answer_form, api::AnswerForm::object_or_events) << name;
      return;
    }
    if (route->answer_form == api::AnswerForm::document) {
      EXPECT_FALSE(type.empty()) << name;
      EXPECT_EQ(response.status, route->success.status) << name;
      return;
    }
    EXPECT_EQ(type, "application/json") << name;
    const Json body = json(response);
    const bool dry_run = body.contains("dry_run");
    const wire::Shape& found = route->dry_run == nullptr ? wire::kDryRun : *route->dry_run;
    EXPECT_TRUE(unready || response.status == (dry_run ? 200 : route->success.status)) << name;
    EXPECT_EQ(response.header("Location").empty(), dry_run || route->location.empty()) << name;
    if (dry_run) {
      expect_shape(found, body, name);
    } else if (route->answer != nullptr) {
      check_success(*route, body, name);
    }
  }
  void check_problem(const net::HttpResponse& response, const std::string& name) {
    Json body = json(response);
    EXPECT_EQ(body.at("status"), response.status) << name;
    if (response.status == 422 && body.contains("applied")) {
      expect_shape(wire::kApplied, body.at("applied"), name);
      EXPECT_TRUE(body.at("revision").is_number()) << name;
      body.erase("applied");
      body.erase("revision");
    }
    expect_shape(wire::kProblem, body, name);
  }
  // The row names the problem, so that the description does.
  void check_code(const api::Route& route, const net::HttpResponse& response,
                  const std::string& name) {
    // Each field has codes of its own, which are not listed.
    if (response.status == 400) {
      return;
    }
    const auto codes = api::codes_of(route);
    const auto known = codes.find(response.status);
    const std::string code = json(response).at("code");
    // The path was none of ours after all, once it was decoded.
    if (code == "no_such_path") {
      return;
    }
    EXPECT_TRUE(known != codes.end() &&
                std::ranges::find(known->second, code) != known->second.end())
        << name << " answers with " << code << ", which `codes` of its row does not name";
  }
  void check_success(const api::Route& route, Json body, const std::string& name) {
    if (route.answer_form == api::AnswerForm::list) {
      EXPECT_TRUE(body.at("next").is_null() || body.at("next").is_string()) << name;
      EXPECT_EQ(body.size(), 2U) << name;
      for (const Json& item : body.at("items")) {
        expect_shape(*route.answer, item, name);
      }
      return;
    }
    if (route.effect == api::Effect::changes && body.contains("applied")) {
      expect_shape(wire::kApplied, body.at("applied"), name);
      body.erase("applied");
    }
    if (route.effect == api::Effect::changes && body.contains("changed")) {
      EXPECT_EQ(body.at("changed"), false) << name;
      body.erase("changed");
    }
    expect_shape(*route.answer, body, name);
  }
  void expect_shape(const wire::Shape& shape, const Json& body, const std::string& name) {
    for (const Fault& fault : wire::check_shape(shape, body)) {
      ADD_FAILURE() << name << " answers no " << shape.name << ": " << fault.message;
    }
  }
  void log_in() {
    plane_.make_admin();
    token_ = json(ask("POST", "/api/login",
                      R"({"email":"admin@example.test","password":"password123"})"))["token"];
  }

  Plane plane_;
  api::Api api_{plane_.context()};
  std::string token_;
};

}  // namespace podplay::test
