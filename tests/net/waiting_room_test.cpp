// Clients that wait occupy no thread, and requests are answered when they have come whole.
#include <gtest/gtest.h>

#include <mutex>
#include <set>
#include <thread>

#include "net/http_exchange.hpp"

namespace podplay::net {
namespace {

using namespace std::chrono_literals;
using test::count;
using test::start;
using test::talk;

// Sockets that say this much and then wait.
std::vector<std::unique_ptr<LineClient>> slow_clients(int port, int count,
                                                      const std::string& sent) {
  std::vector<std::unique_ptr<LineClient>> clients;
  for (int i = 0; i < count; ++i) {
    auto client = LineClient::connect("127.0.0.1", port, 3000ms);
    EXPECT_TRUE(client);
    EXPECT_TRUE((*client)->send_raw(sent));
    clients.push_back(std::move(*client));
  }
  return clients;
}

TEST(Http, SlowClientsHoldNobodyUp) {
  HttpServerOptions options;
  options.threads = 2;
  const auto server = start(std::move(options));
  const std::string post = "POST /a HTTP/1.1\r\nHost: x\r\nContent-Length: 9000\r\n\r\nx";
  for (const std::string& sent :
       {std::string("GET /a HT"), std::string("GET /a HTTP/1.1\r\nX-A: b"), post, std::string()}) {
    const auto slow = slow_clients(server->port(), 50, sent);
    EXPECT_NE(talk(server->port(), "GET /fast HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n")
                  .find("200 OK"),
              std::string::npos)
        << sent;
  }
}

TEST(Http, RequestsInTurnDoNotWakeThreadsInTurn) {
  std::mutex mutex;
  std::set<std::thread::id> threads;
  const auto server = HttpServer::start(
      {},
      [&](const HttpRequest&) {
        const std::scoped_lock lock(mutex);
        threads.insert(std::this_thread::get_id());
        return HttpResponse{};
      },
      silent_logger());
  ASSERT_TRUE(server);
  auto client =
      HttpClient::make({.base_url = "http://127.0.0.1:" + std::to_string((*server)->port())});
  for (int i = 0; i < 50; ++i) {
    ASSERT_TRUE((*client)->send({.path = "/"}));
  }
  EXPECT_LE(threads.size(), 6U) << "of 16";
}

// More connections than there may be: the oldest waiting one makes room.
TEST(Http, ThereIsAlwaysRoomForOneMore) {
  const auto server = start({});
  const auto slow = slow_clients(server->port(), 900, "GET /a HT");
  EXPECT_NE(talk(server->port(), "GET /fast HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n")
                .find("200 OK"),
            std::string::npos);
}

TEST(Http, AnAnswerThatNobodyTakesOccupiesNoThread) {
  HttpServerOptions options;
  options.threads = 1;
  auto server = HttpServer::start(
      std::move(options),
      [](const HttpRequest& request) {
        return HttpResponse{.body = request.path == "/large" ? std::string(8 << 20, 'x') : "small"};
      },
      silent_logger());
  ASSERT_TRUE(server);
  const auto slow = slow_clients((*server)->port(), 5, "GET /large HTTP/1.1\r\nHost: x\r\n\r\n");
  // Less than the time that an answer may take (answer_deadline).
  EXPECT_NE(
      talk((*server)->port(), "GET /s HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n", 9000ms)
          .find("Content-Length: 5"),
      std::string::npos);
}

TEST(Http, RequestsThatComeTogetherAreAnsweredInTurn) {
  const auto server = start({});
  const std::string one = "POST /a HTTP/1.1\r\nHost: x\r\nContent-Length: 2\r\n\r\nhi";
  const std::string last = "GET /b HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n";
  const std::string answers = talk(server->port(), one + one + last);
  EXPECT_EQ(count(answers, "POST /a"), 2U) << answers;
  EXPECT_EQ(count(answers, "200 OK"), 3U) << answers;
}

// A head is taken in pieces, and its end may stand across two of them.
TEST(Http, AHeadOfAnyLengthEndsWhereItEnds) {
  const auto server = start({});
  const std::string last = "GET /b HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n";
  for (std::size_t length = 4090; length < 4106; ++length) {
    const std::string begin = "POST /a HTTP/1.1\r\nHost: x\r\nContent-Length: 2\r\nX-Long: ";
    const std::string head = begin + std::string(length - begin.size() - 4, 'a') + "\r\n\r\n";
    ASSERT_EQ(head.size(), length);
    const std::string answers = talk(server->port(), head + "hi" + last);
    EXPECT_EQ(count(answers, "POST /a"), 1U) << length << "\n" << answers;
    EXPECT_EQ(count(answers, "200 OK"), 2U) << length << "\n" << answers;
  }
}

TEST(Http, AClientThatAsksWhetherToContinueIsTold) {
  const auto server = start({});
  auto client = LineClient::connect("127.0.0.1", server->port(), 3000ms);
  ASSERT_TRUE(client);
  ASSERT_TRUE((*client)->send_raw(
      "POST /a HTTP/1.1\r\nHost: x\r\nContent-Length: 2\r\nExpect: 100-continue\r\n\r\n"));
  EXPECT_EQ((*client)->read_line().value_or(""), "HTTP/1.1 100 Continue");
  ASSERT_TRUE((*client)->send_raw("hi"));
  std::string line;
  for (auto next = (*client)->read_line(); next && line.find("200") == line.npos;
       next = (*client)->read_line()) {
    line = *next;
  }
  EXPECT_EQ(line, "HTTP/1.1 200 OK");
}

TEST(Http, AHeadThatIsTooLongIsRefused) {
  const auto server = start({});
  const std::string answer =
      talk(server->port(), "GET /a HTTP/1.1\r\nHost: x\r\nX-A: " + std::string(40000, 'a'));
  EXPECT_NE(answer.find("431"), answer.npos) << answer;
}

}  // namespace
}  // namespace podplay::net
