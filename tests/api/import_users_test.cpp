// An import is all or nothing, or row by row with a result for each.
#include <gtest/gtest.h>

#include "api/api_fixture.hpp"

namespace podplay::api {
namespace {

class ImportUsers : public test::ApiTest {
 protected:
  void SetUp() override { log_in(); }
  net::HttpResponse import(const std::string& query, const std::string& body,
                           const std::string& type = "application/x-ndjson") {
    return ask("POST", "/api/users/import" + query, body, {{"Content-Type", type}});
  }
  // The fixture's ask() takes one parameter.
  net::HttpResponse rehearse(const std::string& body) {
    net::HttpResponse response = api_.handle({.method = "POST",
                                              .path = "/api/users/import",
                                              .query = {{"partial", "1"}, {"dry_run", "1"}},
                                              .headers = {{"Authorization", "Bearer " + token_},
                                                          {"Content-Type", "application/x-ndjson"}},
                                              .body = body});
    for (auto piece = response.pieces(); piece && !piece->empty(); piece = response.pieces()) {
      response.body += *piece;
    }
    return response;
  }
  std::vector<Json> lines(const net::HttpResponse& answer) {
    std::vector<Json> found;
    std::istringstream text(answer.body);
    for (std::string line; std::getline(text, line);) {
      found.push_back(Json::parse(line));
    }
    return found;
  }
  const std::string rows_ =
      "{\"email\":\"a@example.test\",\"password\":\"correct "
      "horse\",\"aliases\":[\"info@example.test\"]}\n"
      "{\"email\":\"b@missing.test\",\"password\":\"correct horse\"}\n"
      "{\"email\":\"c@example.test\",\"password\":\"correct horse\"}\n";
};

TEST_F(ImportUsers, AllOrNothingNamesTheLine) {
  const auto refused = import("", rows_);
  EXPECT_EQ(refused.status, 400);
  EXPECT_NE(refused.body.find("line 2"), std::string::npos) << refused.body;
  EXPECT_EQ(ask("GET", "/api/users/a@example.test").status, 404);
}

TEST_F(ImportUsers, PartialCreatesWhatCanBeCreated) {
  const auto answer = import("?partial=1", rows_);
  EXPECT_EQ(answer.status, 200);
  const auto told = lines(answer);
  ASSERT_EQ(told.size(), 4U) << answer.body;
  EXPECT_EQ(told[0]["state"], "created");
  EXPECT_EQ(told[1]["state"], "failed");
  EXPECT_EQ(told[1]["problem"]["code"], "domain_missing");
  EXPECT_EQ(told[2]["state"], "created");
  EXPECT_EQ(told[3], (Json{{"row", 0}, {"state", "total"}, {"created", 2}, {"failed", 1}}));
  EXPECT_EQ(json(ask("GET", "/api/aliases/info@example.test"))["targets"],
            Json::array({"a@example.test"}));
  const auto again = lines(import("?partial=1", rows_));
  EXPECT_EQ(again[0]["problem"]["code"], "user_exists");
  EXPECT_EQ(again[3]["created"], 0);
}

TEST_F(ImportUsers, AnAliasThatCannotBeTakesItsUserBack) {
  const auto told = lines(import(
      "?partial=1",
      R"({"email":"a@example.test","password":"correct horse","aliases":["x@missing.test"]})"));
  EXPECT_EQ(told[0]["state"], "failed");
  EXPECT_EQ(ask("GET", "/api/users/a@example.test").status, 404);
  const auto whole = import(
      "", R"({"email":"a@example.test","password":"correct horse","aliases":["x@missing.test"]})");
  EXPECT_EQ(whole.status, 400);
  EXPECT_EQ(ask("GET", "/api/users/a@example.test").status, 404);
}

TEST_F(ImportUsers, ARehearsalCreatesNobody) {
  const auto told = lines(rehearse(rows_));
  ASSERT_EQ(told.size(), 4U);
  EXPECT_EQ(told[0]["state"], "would_be_created");
  EXPECT_FALSE(told[0].contains("id"));
  EXPECT_EQ(ask("GET", "/api/users/a@example.test").status, 404);
}

TEST_F(ImportUsers, CsvAndYamlAreImportedAsAWhole) {
  EXPECT_EQ(
      json(import("", "email,password\na@example.test,correct horse\n", "text/csv"))["created"], 1);
  const auto yaml = import("",
                           "domains:\n- name: example.test\n  users:\n  - username: why\n"
                           "    password: correct horse\n    aliases: [yes-why]\n",
                           "application/yaml");
  EXPECT_EQ(json(yaml)["created"], 1) << yaml.body;
  EXPECT_EQ(ask("GET", "/api/aliases/yes-why@example.test").status, 200);
}

}  // namespace
}  // namespace podplay::api
