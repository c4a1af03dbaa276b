// An API on a whole control plane, called without a network.
#pragma once

#include <gtest/gtest.h>

#include <string>

#include "api/routes.hpp"
#include "api/serve.hpp"
#include "control/plane.hpp"
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
    const net::HttpResponse response = api_.handle(request);
    check_shape_of(request, response);
    return response;
  }
  Json json(const net::HttpResponse& response) { return Json::parse(response.body); }
  // Checks that every answer that is not a problem has the shape that its route names.
  void check_shape_of(const net::HttpRequest& request, const net::HttpResponse& response) {
    const api::Route* route = api::find_route(request.method, request.path).route;
    if (route == nullptr || route->answer == nullptr ||
        response.header("Content-Type") != "application/json") {
      return;
    }
    Json body = json(response);
    const std::string name = std::string(route->method) + " " + std::string(route->path);
    if (body.contains("dry_run")) {
      expect_shape(wire::kDryRun, body, name);
    } else if (route->answer_form == api::AnswerForm::list) {
      EXPECT_TRUE(body.at("next").is_null() || body.at("next").is_string()) << name;
      EXPECT_EQ(body.size(), 2U) << name;
      for (const Json& item : body.at("items")) {
        expect_shape(*route->answer, item, name);
      }
    } else {
      if (route->effect == api::Effect::changes && body.contains("applied")) {
        expect_shape(wire::kApplied, body.at("applied"), name);
        body.erase("applied");
      }
      expect_shape(*route->answer, body, name);
    }
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
