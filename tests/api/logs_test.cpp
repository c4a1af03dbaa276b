// The logs over HTTP: pages, filters, streams, and who sees what.
#include "api/logs.hpp"

#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <thread>

#include "api/api_fixture.hpp"

namespace podplay::api {
namespace {

class LogsTest : public test::ApiTest {
 protected:
  void write(const std::string& log, const std::string& text) {
    const std::string path = plane_.paths.logs + "/" + log + ".log";
    std::filesystem::create_directories(path.substr(0, path.rfind('/')));
    std::ofstream(path, std::ios::app) << text;
  }
  static std::string line(int second, const std::string& component, const std::string& words) {
    return fmt::format("[2026-01-31T12:00:{:02}.000Z] [INFO] [{}] {}\n", second, component, words);
  }
  net::HttpResponse ask_with(std::map<std::string, std::string> query, net::Headers headers = {}) {
    net::HttpRequest request{.method = "GET", .path = "/api/system/logs"};
    request.query = std::move(query);
    request.headers = std::move(headers);
    request.headers.emplace("Authorization", "Bearer " + token_);
    request.remote_address = "127.0.0.1";
    return api_.handle(request);
  }
  std::vector<std::string> messages(const net::HttpResponse& response) {
    std::vector<std::string> words;
    EXPECT_EQ(response.status, 200) << response.body;
    for (const Json& item : json(response)["items"]) {
      words.push_back(item["message"]);
    }
    return words;
  }
  using Words = std::vector<std::string>;
  // The token of a domain administrator of example.test.
  std::string domain_admin() {
    EXPECT_EQ(
        ask("POST", "/api/users", R"({"email":"boss@example.test","password":"Long enough 1!"})")
            .status,
        201);
    EXPECT_EQ(ask("PUT", "/api/users/boss@example.test",
                  R"({"role":"domain-admin","domains":["example.test"]})")
                  .status,
              200);
    token_.clear();
    return json(ask("POST", "/api/login",
                    R"({"email":"boss@example.test","password":"Long enough 1!"})"))["token"];
  }
};

TEST_F(LogsTest, NewestFirstWithFiltersAndPages) {
  log_in();
  write("mail/postfix", line(1, "mail.postfix", "4cAbC12xyz: from=<a@example.test>") +
                            line(3, "mail.postfix", "4cAbC12xyz: removed"));
  write("api/api", line(2, "api", "request path=/x request=r7a9Zk3q user=admin@example.test"));
  EXPECT_EQ(messages(ask("GET", "/api/system/logs")),
            (Words{"4cAbC12xyz: removed", "request", "4cAbC12xyz: from=<a@example.test>"}));
  EXPECT_EQ(messages(ask("GET", "/api/system/logs?service=api")), (Words{"request"}));
  EXPECT_EQ(messages(ask("GET", "/api/system/logs?request=r7a9Zk3q")), (Words{"request"}));
  EXPECT_EQ(messages(ask("GET", "/api/system/logs?queue_id=4cAbC12xyz")).size(), 2U);
  EXPECT_EQ(messages(ask("GET", "/api/system/logs?daemon=postfix")).size(), 2U);
  EXPECT_EQ(messages(ask("GET", "/api/system/logs?address=a@example.test")).size(), 1U);
  EXPECT_EQ(messages(ask("GET", "/api/system/logs?pattern=rem.ved")).size(), 1U);
  EXPECT_EQ(messages(ask("GET", "/api/system/logs?level=ERROR")).size(), 0U);
  EXPECT_EQ(messages(ask("GET", "/api/system/logs?since=2026-01-31T12:00:02Z")).size(), 2U);
  EXPECT_EQ(messages(ask("GET", "/api/system/logs?sort=time")).front(),
            "4cAbC12xyz: from=<a@example.test>");
  const auto page = json(ask("GET", "/api/system/logs?lines=2"));
  EXPECT_TRUE(page["complete"]);
  ASSERT_TRUE(page["next"].is_string());
  const auto rest = ask("GET", "/api/system/logs?cursor=" + page["next"].get<std::string>());
  EXPECT_EQ(messages(rest), (Words{"4cAbC12xyz: from=<a@example.test>"}));
  EXPECT_TRUE(json(rest)["next"].is_null());
  EXPECT_EQ(page["items"][1]["facts"]["user"], "admin@example.test");
  EXPECT_EQ(page["items"][1]["log"], "api/api");
}

TEST_F(LogsTest, WhatIsWrongIsNamed) {
  log_in();
  for (const char* query :
       {"service=../etc", "log=../x", "level=loud", "since=yesterday", "pattern=((", "cursor=x",
        "lines=0", "lines=1001", "host=other", "follow=2", "sort=size"}) {
    const auto response = ask("GET", std::string("/api/system/logs?") + query);
    EXPECT_EQ(response.status, 400) << query;
    const std::string field(query, std::string(query).find('='));
    EXPECT_EQ(json(response)["errors"][0]["field"], field) << response.body;
  }
}

TEST_F(LogsTest, OnlyAdministratorsMayAsk) {
  EXPECT_EQ(ask("GET", "/api/system/logs").status, 401);
  log_in();
  ask("POST", "/api/users", R"({"email":"u@example.test","password":"Long enough 1!"})");
  token_.clear();
  token_ = json(ask("POST", "/api/login",
                    R"({"email":"u@example.test","password":"Long enough 1!"})"))["token"];
  EXPECT_EQ(ask("GET", "/api/system/logs").status, 403);
}

TEST_F(LogsTest, ADomainAdministratorSeesTheirDomainOnly) {
  log_in();
  write("mail/postfix",
        line(1, "mail.postfix", "4cA: to=<u@example.test>, from=<x@other.test>, status=sent") +
            line(2, "mail.postfix", "4cB: to=<u@other.test>, status=sent") +
            line(3, "mail.postfix", "4cC: to=<u@badexample.test>, status=sent") +
            line(4, "mail.postfix", "4cD: to=<u@example.test.other.test>, status=sent") +
            line(5, "mail.postfix", "connect from mx.example.test[192.0.2.1]"));
  write("apache/access",
        line(6, "apache.access", "www.example.test 192.0.2.1 \"GET /u%40other.test HTTP/1.1\"") +
            line(7, "apache.access", "www.other.test 192.0.2.1 \"GET / \" \"example.test\""));
  write("bind/general", line(8, "bind.general", "zone example.test/IN: loaded serial 5") +
                            line(9, "bind.general", "zone other.test/IN: loaded serial 5"));
  write("api/api", line(10, "api", "request path=/x user=u@example.test from=192.0.2.7") +
                       line(11, "api", "request path=/api/domains/example.test user=x@other.test") +
                       line(12, "api.audit",
                            "USER_UPDATED subject=u@example.test actor=root@other.test "
                            "from=192.0.2.8"));
  token_ = domain_admin();
  const auto all = ask("GET", "/api/system/logs?until=2026-02-01T00:00:00Z");
  EXPECT_EQ(messages(all),
            (Words{"USER_UPDATED", "request", "zone example.test/IN: loaded serial 5",
                   "www.example.test 192.0.2.1 \"GET /[hidden] HTTP/1.1\"",
                   "4cA: to=<u@example.test>, from=<[hidden]>, status=sent"}));
  EXPECT_EQ(all.body.find("other.test"), std::string::npos) << all.body;
  EXPECT_EQ(all.body.find("192.0.2.8"), std::string::npos) << "the place of another is theirs";
  for (const char* query : {"text=x@other.test", "address=x@other.test", "pattern=x@other",
                            "text=192.0.2.8", "user=root@other.test"}) {
    EXPECT_TRUE(messages(ask("GET", std::string("/api/system/logs?") + query)).empty()) << query;
  }
}

TEST_F(LogsTest, AStreamBringsLinesAtOnceAndGoesOn) {
  log_in();
  write("mail/postfix", line(1, "mail.postfix", "one") + line(2, "mail.postfix", "two"));
  auto response = ask_with({{"follow", "1"}, {"service", "mail"}, {"lines", "1"}});
  ASSERT_EQ(response.status, 200) << response.body;
  EXPECT_EQ(response.header("Content-Type"), "text/event-stream");
  EXPECT_EQ(response.header("Cache-Control"), "no-store");
  const auto first = response.pieces();
  ASSERT_TRUE(first);
  EXPECT_NE(first->find("\"two\""), std::string::npos) << *first;
  EXPECT_EQ(first->find("\"one\""), std::string::npos) << *first;
  std::chrono::steady_clock::time_point written;
  std::thread writer([&] {
    std::this_thread::sleep_for(std::chrono::milliseconds(200));
    written = std::chrono::steady_clock::now();
    write("mail/postfix", line(3, "mail.postfix", "three"));
  });
  const auto second = response.pieces();
  const auto seen = std::chrono::steady_clock::now();
  writer.join();
  EXPECT_LT(seen - written, std::chrono::milliseconds(500));
  ASSERT_TRUE(second);
  EXPECT_NE(second->find("\"three\""), std::string::npos);
  const std::size_t at = second->find("id: ");
  const std::string id = second->substr(at + 4, second->find('\n', at) - at - 4);
  write("mail/postfix", line(4, "mail.postfix", "four"));
  auto again =
      ask_with({{"service", "mail"}}, {{"Accept", "text/event-stream"}, {"Last-Event-ID", id}});
  ASSERT_TRUE(again.pieces());
  const auto missed = again.pieces();
  EXPECT_NE(missed->find("\"four\""), std::string::npos);
  EXPECT_EQ(missed->find("\"three\""), std::string::npos);
}

TEST_F(LogsTest, AStreamEndsWithItsLogin) {
  log_in();
  auto response = ask_with({{"follow", "1"}});
  ASSERT_TRUE(response.pieces());
  EXPECT_EQ(ask("POST", "/api/logout").status, 200);
  const auto end = response.pieces();
  ASSERT_TRUE(end);
  EXPECT_TRUE(end->starts_with("event: end")) << *end;
  EXPECT_TRUE(response.pieces()->empty());
}

TEST_F(LogsTest, AStreamEndsWhenTheProgramStops) {
  log_in();
  auto response = ask_with({{"follow", "1"}});
  ASSERT_TRUE(response.pieces());
  plane_.hub.close();
  EXPECT_TRUE(response.pieces()->starts_with("event: end"));
}

TEST_F(LogsTest, StreamsHaveALimit) {
  log_in();
  std::vector<net::HttpResponse> streams;
  for (int i = 0; i < kMostFollowers; ++i) {
    streams.push_back(ask_with({{"follow", "1"}}));
    ASSERT_EQ(streams.back().status, 200);
  }
  const auto refused = ask("GET", "/api/system/logs?follow=1");
  EXPECT_EQ(refused.status, 503);
  EXPECT_EQ(json(refused)["code"], "too_many_followers");
  EXPECT_EQ(refused.header("Retry-After"), "10");
  streams.clear();
  EXPECT_EQ(ask_with({{"follow", "1"}}).status, 200) << "a stream that ended makes room";
}

TEST(SlotsTest, EachIsGivenBackOnceAndAHalfIsForAdministrators) {
  Slots slots(2);
  const auto admin = control::Actor::system();
  const auto other = control::Actor::anonymous("", "");
  auto first = slots.take(other);
  EXPECT_TRUE(first);
  EXPECT_FALSE(slots.take(other));
  auto second = slots.take(admin);
  EXPECT_TRUE(second);
  EXPECT_FALSE(slots.take(admin));
  EXPECT_FALSE(slots.take(admin));
  first.reset();
  EXPECT_FALSE(slots.take(other));
  EXPECT_TRUE(slots.take(admin));
}

}  // namespace
}  // namespace podplay::api
