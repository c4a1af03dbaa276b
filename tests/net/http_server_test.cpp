// A server reads what its limits allow, and what it has not read is never the next request.
#include <gtest/gtest.h>

#include <thread>

#include "net/http.hpp"
#include "net/http_exchange.hpp"

namespace podplay::net {
namespace {

using test::count;
using test::serve_pieces;
using test::start;
using test::talk;

TEST(Http, BodiesAreLimitedByPath) {
  HttpServerOptions options;
  options.max_body = 10;
  options.body_limits = {{"/big", 1000}};
  const auto server = start(std::move(options));
  auto client =
      HttpClient::make({.base_url = "http://127.0.0.1:" + std::to_string(server->port())});
  HttpRequest request{.method = "POST",
                      .path = "/small",
                      .query = {},
                      .headers = {{"Content-Type", "text/plain"}},
                      .body = std::string(100, 'x')};
  const auto refused = (*client)->send(request);
  ASSERT_TRUE(refused) << describe(refused.error());
  EXPECT_EQ(refused->status, 413);
  request.path = "/big";
  EXPECT_EQ((*client)->send(request)->status, 200);
}

TEST(Http, ALongPathIsRefusedNotRecursedInto) {
  const auto server = start({});
  const std::string answer =
      talk(server->port(), "POST /" + std::string(8000, 'a') +
                               " HTTP/1.1\r\nHost: x\r\nContent-Length: 1\r\n\r\nx");
  EXPECT_NE(answer.find("414"), answer.npos) << answer;
}

TEST(Http, WhatIsNotReadIsNotTheNextRequest) {
  HttpServerOptions options;
  options.max_body = 10;
  const auto server = start(std::move(options));
  const std::string hidden = "GET /hidden HTTP/1.1\r\nHost: x\r\n\r\n";
  const std::string more(20000000, 'x');
  for (const std::string& request :
       {"POST /a HTTP/1.1\r\nHost: x\r\nContent-Length: 20000000\r\n\r\n" + more + hidden,
        "GET /a HTTP/1.1\r\nHost: x\r\nContent-Length: 33\r\n\r\n" + hidden,
        "DELETE /a HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n" + hidden,
        "POST /a HTTP/1.1\r\nHost: x\r\nContent-Length: 4\r\nTransfer-Encoding: "
        "chunked\r\n\r\n0\r\n\r\n" +
            hidden,
        "POST /a HTTP/1.1\r\nHost: x\r\nContent-Type: multipart/form-data; "
        "boundary=b\r\nContent-Length: 33\r\n\r\n" +
            hidden}) {
    const std::string answer = talk(server->port(), request);
    EXPECT_EQ(count(answer, "HTTP/1.1 4"), 1U) << request.substr(0, 60) << "\n" << answer;
    EXPECT_EQ(answer.find("/hidden"), answer.npos) << answer;
  }
}

TEST(Http, LimitsHoldForEveryCoding) {
  HttpServerOptions options;
  options.max_body = 10;
  const auto server = start(std::move(options));
  const std::string chunked = talk(server->port(),
                                   "POST /a HTTP/1.1\r\nHost: x\r\nConnection: "
                                   "close\r\nTransfer-Encoding: chunked\r\n\r\n14\r\n" +
                                       std::string(20, 'x') + "\r\n0\r\n\r\n");
  EXPECT_NE(chunked.find("413"), chunked.npos) << chunked;
  const std::string fits =
      talk(server->port(),
           "POST /a HTTP/1.1\r\nHost: x\r\nConnection: close\r\nTransfer-Encoding: "
           "chunked\r\n\r\n5\r\nhello\r\n0\r\n\r\n");
  EXPECT_NE(fits.find("200 OK"), fits.npos) << fits;
  // 1,000 blanks, compressed with gzip.
  const std::string zipped(
      "\x1f\x8b\x08\x00\x00\x00\x00\x00\x02\x03\x53\x50\x18\x05\xa3\x60\x14\x0c\x77\x00\x00\x82\xe3"
      "\x93\xcd\xe8\x03\x00\x00",
      29);
  const std::string unpacked =
      talk(server->port(),
           "POST /a HTTP/1.1\r\nHost: x\r\nConnection: close\r\nContent-Encoding: "
           "gzip\r\nContent-Length: 29\r\n\r\n" +
               zipped);
  EXPECT_NE(unpacked.find("413"), unpacked.npos) << unpacked;
}

TEST(Http, ALargeBodyIsReadOnlyFromThoseWhoAreLetIn) {
  HttpServerOptions options;
  options.max_body = 10;
  options.body_limits = {{"/big", 30000}};
  options.admit = [](const HttpRequest& head) {
    return head.header("Authorization") == "yes"
               ? std::nullopt
               : std::optional<HttpResponse>(HttpResponse{401, {}, "who are you?"});
  };
  const auto server = start(std::move(options));
  auto client =
      HttpClient::make({.base_url = "http://127.0.0.1:" + std::to_string(server->port())});
  HttpRequest request{.method = "POST",
                      .path = "/big",
                      .query = {},
                      .headers = {{"Content-Type", "text/plain"}},
                      .body = std::string(20000, 'x')};
  EXPECT_EQ((*client)->send(request)->status, 401);
  request.headers["Authorization"] = "yes";
  EXPECT_EQ((*client)->send(request)->status, 200);
}

TEST(Http, ALongAnswerComesInPieces) {
  const auto server = serve_pieces(0);
  auto client =
      HttpClient::make({.base_url = "http://127.0.0.1:" + std::to_string(server->port())});
  const auto answer = (*client)->send({.path = "/"});
  ASSERT_TRUE(answer) << describe(answer.error());
  ASSERT_EQ(answer->body.size(), 16U << 20);
  EXPECT_EQ(answer->body.front(), 'b');
  EXPECT_EQ(answer->body.back(), 'a' + 16);
}

TEST(Http, AHeaderOfOtherOctetsIsRefused) {
  const auto server = start({});
  using namespace std::string_literals;
  for (const std::string& header : {"X\0Y: a"s, "X\x01: a"s, "X Y: a"s, "X: a\0b"s}) {
    const std::string answer = talk(server->port(), "GET /a HTTP/1.1\r\nHost: x\r\n" + header +
                                                        "\r\nConnection: close\r\n\r\n");
    EXPECT_NE(answer.find("HTTP/1.1 400"), answer.npos) << header << "\n" << answer;
  }
  const std::string fine = talk(
      server->port(),
      "GET /a HTTP/1.1\r\nHost: x\r\nX!#$%&'*+-.^_`|~9: \xc3\xa4\r\nConnection: close\r\n\r\n");
  EXPECT_NE(fine.find("HTTP/1.1 200"), fine.npos) << fine;
}

TEST(Server, APathWithALineEndIsAnsweredWithAProblem) {
  const auto server = serve_pieces(0);
  auto client =
      HttpClient::make({.base_url = "http://127.0.0.1:" + std::to_string(server->port())});
  for (const char* method : {"GET", "PUT"}) {
    const auto answer = (*client)->send({.method = method, .path = "/a%0Ab", .body = "{}"});
    ASSERT_TRUE(answer) << describe(answer.error());
    EXPECT_EQ(answer->status, 404);
    EXPECT_EQ(answer->header("Content-Type"), "application/problem+json");
  }
}

// Each line of a long work comes when it is known, and its end is told from a lost connection.
TEST(Server, AnAnswerOfUnknownLengthComesWhileItIsMade) {
  auto server = HttpServer::start(
      {},
      [](const HttpRequest& request) {
        HttpResponse response;
        response.pieces = [broken = request.path == "/broken",
                           piece = 0]() mutable -> Result<std::string> {
          std::this_thread::sleep_for(std::chrono::milliseconds(100));
          if (broken && piece == 5) {
            return fail(ErrorKind::io, "broken", "the disk is broken");
          }
          return ++piece <= 10 ? fmt::format("line {}\n", piece) : std::string();
        };
        return response;
      },
      silent_logger());
  auto client =
      HttpClient::make({.base_url = "http://127.0.0.1:" + std::to_string((*server)->port())});
  std::string text;
  int pieces = 0;
  const auto answer = (*client)->send({.path = "/", .take = [&](std::string_view piece) {
                                         text += piece;
                                         ++pieces;
                                       }});
  ASSERT_TRUE(answer) << describe(answer.error());
  EXPECT_EQ(answer->body, "");
  EXPECT_TRUE(text.starts_with("line 1\nline 2\n") && text.ends_with("line 10\n")) << text;
  EXPECT_GT(pieces, 2) << "it came in parts";
  EXPECT_FALSE((*client)->send({.path = "/broken", .take = [](std::string_view) {}}));
}

}  // namespace
}  // namespace podplay::net
