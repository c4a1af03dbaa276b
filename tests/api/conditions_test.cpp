// Conditional requests by RFC 9110 section 13, and other headers that are the same in several
// forms.
#include "api/conditions.hpp"

#include <gtest/gtest.h>

#include "api/api_fixture.hpp"

namespace podplay::api {
namespace {

constexpr const char* kUserPath = "/api/users/c@example.test";

class ConditionsTest : public test::ApiTest {
 protected:
  void SetUp() override {
    log_in();
    const auto made =
        ask("POST", "/api/users", R"({"email":"c@example.test","password":"password123"})");
    ASSERT_EQ(made.status, 201) << made.body;
    etag_ = made.header("ETag");
  }
  // A list of `count` tags of others, with `tag` in the middle.
  static std::string list_with(const std::string& tag, int count) {
    std::string list;
    for (int i = 0; i < count; ++i) {
      list +=
          (list.empty() ? "" : ", ") + (i == count / 2 ? tag : "\"x" + std::to_string(i) + "\"");
    }
    return list;
  }
  // `E` stands for the object's ETag.
  std::string filled(std::string text) const {
    if (const std::size_t at = text.find('E'); at != text.npos) {
      text.replace(at, 1, etag_);
    }
    return text;
  }

  std::string etag_;
};

struct Row {
  const char* value;
  int status;
};

TEST_F(ConditionsTest, FieldCase11IfMatchIsAListThatComparesStrongly) {
  const Row rows[] = {
      {"E", 200},
      {"*", 200},
      {" E ", 200},
      {R"("1", E)", 200},
      {R"(E,"1")", 200},
      {R"(,, "1" ,E,)", 200},
      {R"("a,b", E)", 200},
      {R"(W/"1", E)", 200},
      {"\"\xc3\xbc\", E", 200},
      {R"("1")", 412},
      {R"("0")", 412},
      {R"("")", 412},
      {R"("00", "0")", 412},
      {"W/E", 412},
      {R"("*")", 412},
      {"0", 400},
      {"42", 400},
      {"", 400},
      {" ", 400},
      {",", 400},
      {R"(*, "1")", 400},
      {R"("1", *)", 400},
      {R"("1)", 400},
      {R"("1" E)", 400},
      {R"("1";E)", 400},
      {R"(w/"1")", 400},
      {R"(W/ "1")", 400},
      {R"("a b")", 400},
      {"null", 400},
  };
  for (const Row& row : rows) {
    const auto answer = ask("PUT", std::string(kUserPath) + "?dry_run=1", R"({"quota":7})",
                            {{"If-Match", filled(row.value)}});
    EXPECT_EQ(answer.status, row.status) << row.value << " " << answer.body;
    if (row.status == 400) {
      EXPECT_EQ(json(answer)["code"], "bad_condition") << row.value;
      EXPECT_NE(answer.body.find("If-Match"), std::string::npos) << "the header is named";
    }
  }
  EXPECT_EQ(ask("PUT", kUserPath, R"({"quota":7})", {{"If-Match", list_with(etag_, 20)}}).status,
            200);
  EXPECT_EQ(ask("PUT", kUserPath, R"({"quota":8})", {{"If-Match", list_with(etag_, 20)}}).status,
            412)
      << "it has another ETag now";
}

TEST_F(ConditionsTest, FieldCase11IfNoneMatchOfAReadIs304) {
  const Row rows[] = {
      {"E", 304},         {"*", 304},      {"W/E", 304},          {R"("1", W/E)", 304},
      {R"("1")", 200},    {R"("0")", 200}, {R"(W/"1","2")", 200}, {"132", 400},
      {R"("1", x)", 400}, {"", 400},
  };
  for (const char* method : {"GET", "HEAD"}) {
    for (const Row& row : rows) {
      const auto answer = ask(method, kUserPath, "", {{"If-None-Match", filled(row.value)}});
      EXPECT_EQ(answer.status, row.status) << method << " " << row.value << " " << answer.body;
      if (row.status == 304) {
        EXPECT_EQ(answer.header("ETag"), etag_);
        EXPECT_EQ(answer.body, "");
        EXPECT_EQ(answer.header("Content-Type"), "");
        EXPECT_EQ(answer.header("Content-Length"),
                  std::to_string(ask("GET", kUserPath).body.size()))
            << "the length of the answer that is not sent";
      }
    }
  }
  EXPECT_EQ(ask("GET", kUserPath, "", {{"If-None-Match", list_with(etag_, 20)}}).status, 304);
  EXPECT_EQ(ask("GET", "/api/users/nobody@example.test", "", {{"If-None-Match", "*"}}).status, 404)
      << "a failure goes before any condition (RFC 9110 section 13.2.1)";
  const std::string mine = ask("GET", "/api/session").header("ETag");
  EXPECT_EQ(ask("GET", "/api/session", "", {{"If-None-Match", mine}}).status, 304);
}

TEST_F(ConditionsTest, FieldCase11ConditionsHaveAnOrder) {
  EXPECT_EQ(ask("GET", kUserPath, "", {{"If-Match", "\"1\""}, {"If-None-Match", etag_}}).status,
            412)
      << "If-Match goes first (RFC 9110 section 13.2.2)";
  EXPECT_EQ(ask("GET", kUserPath, "", {{"If-Match", etag_}, {"If-None-Match", etag_}}).status, 304);
  EXPECT_EQ(ask("GET", kUserPath, "", {{"If-Match", etag_}}).status, 200);
  EXPECT_EQ(
      ask("GET", kUserPath, "",
          {{"If-None-Match", "\"1\""}, {"If-Modified-Since", "Thu, 01 Jan 2099 00:00:00 GMT"}})
          .status,
      200)
      << "dates are ignored";
}

TEST_F(ConditionsTest, FieldCase11NoChangeGoesPastACondition) {
  const auto changed = [&](const net::Headers& headers) {
    return ask("PUT", kUserPath, R"({"quota":9})", headers).status;
  };
  EXPECT_EQ(changed({{"If-None-Match", "*"}}), 412) << "it exists";
  EXPECT_EQ(changed({{"If-None-Match", etag_}}), 412);
  EXPECT_EQ(ask("DELETE", kUserPath, "", {{"If-None-Match", "*"}}).status, 412);
  EXPECT_EQ(ask("DELETE", kUserPath, "", {{"If-Match", "\"0\""}}).status, 412);
  EXPECT_EQ(ask("GET", kUserPath).header("ETag"), etag_) << "nothing was changed";
  EXPECT_EQ(changed({{"If-None-Match", "\"1\""}}), 200);
  const std::string body = R"({"email":"d@example.test","password":"password123"})";
  EXPECT_EQ(ask("POST", "/api/users", body, {{"If-Match", "\"1\""}}).status, 412)
      << "the list of users has no ETag";
  EXPECT_EQ(ask("POST", "/api/logout", "", {{"If-Match", "\"1\""}}).status, 412);
  EXPECT_EQ(ask("POST", "/api/users", body, {{"If-Match", "*"}}).status, 201);
  EXPECT_EQ(
      ask("PUT", "/api/users/nobody@example.test", R"({"quota":9})", {{"If-Match", "*"}}).status,
      404);
  for (const char* path : {"/api/domains/example.test"}) {
    EXPECT_EQ(ask("PUT", path, R"({"enabled":false})", {{"If-Match", "\"0\""}}).status, 412);
  }
}

TEST_F(ConditionsTest, FieldCase11SchemesAndMediaTypesHaveNoCase) {
  const std::string token = token_;
  token_.clear();
  for (const auto& [value, status] : std::initializer_list<std::pair<std::string, int>>{
           {"Bearer " + token, 200},
           {"bearer " + token, 200},
           {"BEARER " + token, 200},
           {"bEaReR   " + token, 200},
           {"Bearer" + token, 401},
           {"Bearer", 401},
           {"Bearer ", 401},
           {"Basic " + token, 401},
           {"Bearers " + token, 401},
           {"Bearer " + token + "x", 401},
           {"Bearer " + token + ", Bearer " + token, 401},
           {"", 401}}) {
    EXPECT_EQ(ask("GET", "/api/session", "", {{"Authorization", value}}).status, status) << value;
  }
  token_ = token;
  for (const auto& [value, status] : std::initializer_list<std::pair<std::string, int>>{
           {"application/json", 200},
           {"Application/JSON", 200},
           {"APPLICATION/JSON;charset=UTF-8", 200},
           {"application/json ; charset=\"utf-8\"", 200},
           {"application/json;", 200},
           {"application/jsonx", 415},
           {"application/json-patch+json", 415},
           {"application/x-ndjson", 415},
           {"text/json", 415},
           {"json", 415},
           {"", 415},
           {"application/json, application/json", 415}}) {
    const auto answer = ask("PUT", std::string(kUserPath) + "?dry_run=1", R"({"quota":7})",
                            {{"Content-Type", value}});
    EXPECT_EQ(answer.status, status) << value << answer.body;
    if (status == 415) {
      EXPECT_EQ(json(answer)["title"], "Media type not accepted");
    }
  }
}

TEST_F(ConditionsTest, FieldCase11AllowNamesEveryMethodThatThePathTakes) {
  const auto refused = ask("POST", kUserPath);
  EXPECT_EQ(refused.status, 405);
  EXPECT_EQ(json(refused)["title"], "Method not allowed");
  EXPECT_EQ(refused.header("Allow"), "GET, HEAD, PUT, PATCH, DELETE, OPTIONS");
  const auto options = ask("OPTIONS", kUserPath);
  EXPECT_EQ(options.status, 200);
  EXPECT_EQ(options.body, "");
  EXPECT_EQ(options.header("Allow"), refused.header("Allow"));
  EXPECT_EQ(ask("OPTIONS", "/api/nothing").status, 404);
  for (const Route& route : routes()) {
    std::string path(route.path);
    if (const std::size_t brace = path.find('{'); brace != path.npos) {
      path.replace(brace, path.find('}') - brace + 1, "1");
    }
    const std::string allowed = ask("OPTIONS", path).header("Allow");
    EXPECT_NE((", " + allowed + ",").find(" " + std::string(route.method) + ","), allowed.npos)
        << path << ": " << allowed;
    if (route.method == "GET") {
      const auto get = ask("GET", path);
      const auto head = ask("HEAD", path);
      EXPECT_EQ(head.status, get.status) << path;
      EXPECT_EQ(head.header("Content-Type"), get.header("Content-Type")) << path;
      EXPECT_EQ(head.header("ETag"), get.header("ETag")) << path;
    }
  }
}

TEST_F(ConditionsTest, FieldCase11WhatWasMadeHasALocation) {
  struct Made {
    const char* path;
    const char* body;
  };
  for (const Made& made :
       {Made{"/api/users", R"({"email":"l@example.test","password":"password123"})"},
        Made{"/api/aliases", R"({"address":"@example.test","targets":["c@example.test"]})"},
        Made{"/api/domains", R"({"name":"l.test"})"},
        Made{"/api/domains/import", R"({"names":["m.test"]})"}}) {
    const auto answer = ask("POST", made.path, made.body, {{"Idempotency-Key", made.path}});
    ASSERT_EQ(answer.status, 201) << answer.body;
    const auto found = ask("GET", answer.header("Location"));
    EXPECT_EQ(found.status, 200) << answer.header("Location");
    EXPECT_EQ(json(found)["revision"], json(answer)["revision"]) << made.path;
    EXPECT_EQ(
        ask("POST", made.path, made.body, {{"Idempotency-Key", made.path}}).header("Location"),
        answer.header("Location"))
        << "a repetition has it too";
  }
  EXPECT_EQ(ask("POST", "/api/domains?dry_run=1", R"({"name":"n.test"})").header("Location"), "");
  for (const Route& route : routes()) {
    EXPECT_TRUE(route.success.status != 201 || !route.location.empty()) << route.path;
  }
}

TEST_F(ConditionsTest, FieldCase11NumbersAreNamedAsTheyWereSent) {
  for (const char* number : {"9223372036854775808", "18446744073709551615", "-1"}) {
    const auto answer = ask("PUT", kUserPath, R"({"quota":)" + std::string(number) + "}");
    EXPECT_EQ(answer.status, 400) << number;
    EXPECT_NE(json(answer)["detail"].get<std::string>().find(number), std::string::npos)
        << answer.body;
  }
  for (const char* number :
       {"18446744073709551616", "-9223372036854775809", "1e30", "1.5", "\"7\"", "true", "[7]"}) {
    const auto answer = ask("PUT", kUserPath, R"({"quota":)" + std::string(number) + "}");
    EXPECT_EQ(answer.status, 400) << number;
    EXPECT_EQ(json(answer)["errors"][0]["field"], "quota") << answer.body;
  }
  EXPECT_EQ(ask("PUT", kUserPath, R"({"quota":9223372036854775807})").status, 200);
}

}  // namespace
}  // namespace podplay::api
