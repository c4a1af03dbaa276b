// Servers and clients against each other over loopback, certificates, DNS.
#include <arpa/inet.h>
#include <gtest/gtest.h>
#include <openssl/pem.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <unistd.h>

#include <atomic>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <mutex>
#include <set>
#include <thread>

#include "net/chain.hpp"
#include "net/dns.hpp"
#include "net/http.hpp"
#include "net/line_client.hpp"
#include "net/request_length.hpp"
#include "net/signing_request.hpp"
#include "net/system_cas.hpp"
#include "net/x509.hpp"

namespace podplay::net {
namespace {

using namespace std::chrono_literals;

HttpResponse echo(const HttpRequest& request) {
  HttpResponse response;
  response.body = request.method + " " + request.path +
                  " q=" + (request.query.contains("q") ? request.query.at("q") : "") +
                  " peer=" + request.peer_name + " " + request.body;
  response.headers["Content-Type"] = "text/plain";
  return response;
}

std::unique_ptr<HttpServer> start(HttpServerOptions options) {
  options.keep_alive = 1s;
  auto server = HttpServer::start(std::move(options), echo, silent_logger());
  if (!server) {
    throw std::runtime_error(describe(server.error()));
  }
  return std::move(*server);
}

TEST(Http, RequestsAndAnswers) {
  const auto server = start({});
  auto client =
      HttpClient::make({.base_url = "http://127.0.0.1:" + std::to_string(server->port())});
  HttpRequest request;
  request.path = "/api/users/" + url_encode("a+b@c.test");
  request.query["q"] = "x y&z";
  EXPECT_EQ((*client)->send(request)->body, "GET /api/users/a+b@c.test q=x y&z peer= ");
  request.method = "POST";
  request.path = "/p";
  request.body = "hello";
  request.headers["Content-Type"] = "text/plain";
  EXPECT_EQ((*client)->send(request)->body, "POST /p q=x y&z peer= hello");
}

// Answers one connection with these octets. Our own server keeps headers in a map.
class RawServer {
 public:
  explicit RawServer(std::string answer) : fd_(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)) {
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    socklen_t size = sizeof address;
    ::bind(fd_, reinterpret_cast<sockaddr*>(&address), size);
    ::listen(fd_, 1);
    ::getsockname(fd_, reinterpret_cast<sockaddr*>(&address), &size);
    port_ = ntohs(address.sin_port);
    thread_ = std::thread([this, text = std::move(answer)] {
      const int client = ::accept(fd_, nullptr, nullptr);
      char request[4096];
      static_cast<void>(::recv(client, request, sizeof request, 0));
      static_cast<void>(::send(client, text.data(), text.size(), MSG_NOSIGNAL));
      ::close(client);
    });
  }
  ~RawServer() {
    // accept() returns when nobody came.
    ::shutdown(fd_, SHUT_RDWR);
    thread_.join();
    ::close(fd_);
  }
  RawServer(const RawServer&) = delete;
  RawServer& operator=(const RawServer&) = delete;
  int port() const { return port_; }

 private:
  int fd_;
  int port_ = 0;
  std::thread thread_;
};

TEST(Http, RepeatedHeadersStandTogether) {
  const RawServer server(
      "HTTP/1.1 200 OK\r\nLink: <a>;rel=x\r\nlink: <b>;rel=y\r\nSet-Cookie: c=1\r\n"
      "set-cookie: d=2\r\nContent-Length: 2\r\n\r\nok");
  auto client = HttpClient::make({.base_url = "http://127.0.0.1:" + std::to_string(server.port())});
  const auto answer = (*client)->send({});
  ASSERT_TRUE(answer) << describe(answer.error());
  const std::string links = answer->header("link");
  EXPECT_TRUE(links == "<a>;rel=x, <b>;rel=y" || links == "<b>;rel=y, <a>;rel=x") << links;
  EXPECT_EQ(answer->header("Set-Cookie").find(','), std::string::npos);
}

TEST(Http, ALongAnswerIsRefusedWhenOneIsNotExpected) {
  const auto server = HttpServer::start(
      {}, [](const HttpRequest&) { return HttpResponse{200, {}, std::string(1001, 'x')}; },
      silent_logger());
  ASSERT_TRUE(server);
  const auto ask = [&](std::size_t most) {
    auto client = HttpClient::make(
        {.base_url = "http://127.0.0.1:" + std::to_string((*server)->port()), .most_body = most});
    const auto answer = (*client)->send({});
    return answer ? std::to_string(answer->body.size()) : answer.error().code;
  };
  EXPECT_EQ(ask(0), "1001");
  EXPECT_EQ(ask(1001), "1001");
  EXPECT_EQ(ask(1000), "answer_too_large");
}

TEST(Http, UrlsAreSplit) {
  const auto split = [](const std::string& url) {
    const auto parts = split_url(url);
    return parts ? parts->origin + " " + parts->target : parts.error().code;
  };
  EXPECT_EQ(split("https://ca.test/dir?a=b/c"), "https://ca.test /dir?a=b/c");
  EXPECT_EQ(split("http://[::1]:8080"), "http://[::1]:8080 /");
  EXPECT_EQ(split("ftp://ca.test/"), "bad_url");
  EXPECT_EQ(split("https://:443/"), "bad_url");
}

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

// Sends these octets as a client, and gives everything that comes back until the connection ends or
// is silent for `patience`.
std::string talk(int port, const std::string& sent,
                 std::chrono::milliseconds patience = std::chrono::milliseconds(3000)) {
  auto client = LineClient::connect("127.0.0.1", port, patience);
  EXPECT_TRUE(client);
  EXPECT_TRUE((*client)->send_raw(sent));
  std::string all;
  for (auto line = (*client)->read_line(); line; line = (*client)->read_line()) {
    all += *line + "\n";
  }
  return all;
}

std::size_t count(const std::string& text, const std::string& part) {
  std::size_t found = 0;
  for (std::size_t at = text.find(part); at != text.npos; at = text.find(part, at + 1)) {
    ++found;
  }
  return found;
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

// More connections than there may be: the oldest waiting one makes room.
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

// A server whose answer has 16 pieces of 1 MiB; the one at `broken` fails.
std::unique_ptr<HttpServer> serve_pieces(int broken) {
  auto server = HttpServer::start(
      {},
      [broken](const HttpRequest&) {
        HttpResponse response;
        response.length = 16U << 20;
        response.pieces = [broken, piece = 0]() mutable -> Result<std::string> {
          if (++piece == broken) {
            return fail(ErrorKind::io, "broken", "the disk is broken");
          }
          return std::string(piece <= 16 ? 1U << 20 : 0U, static_cast<char>('a' + piece));
        };
        return response;
      },
      silent_logger());
  return std::move(*server);
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

TEST(Http, AnAnswerWithoutAllItsPiecesIsNoAnswer) {
  const auto server = serve_pieces(9);
  auto client =
      HttpClient::make({.base_url = "http://127.0.0.1:" + std::to_string(server->port())});
  EXPECT_FALSE((*client)->send({.path = "/"}));
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

TEST(RequestLength, SaysWhenARequestHasCome) {
  const std::string head = "POST /a HTTP/1.1\r\nHost: x\r\n";
  EXPECT_EQ(judge_arrival(""), Arrival::incomplete);
  EXPECT_EQ(judge_arrival(head), Arrival::incomplete);
  EXPECT_EQ(judge_arrival(head + "\r\n"), Arrival::whole) << "no body is announced";
  EXPECT_EQ(judge_arrival(head + "content-LENGTH:  3 \r\n\r\nab"), Arrival::incomplete);
  EXPECT_EQ(judge_arrival(head + "Content-Length: 3\r\n\r\nabc"), Arrival::whole);
  EXPECT_EQ(judge_arrival(head + "Content-Length: 3\r\nExpect: 100-continue\r\n\r\n"),
            Arrival::expects);
  for (const char* more : {"Content-Length: 16385", "Content-Length: x", "Content-Length: -1",
                           "Transfer-Encoding: chunked"}) {
    EXPECT_EQ(judge_arrival(head + more + "\r\n\r\n"), Arrival::whole)
        << more << ": a thread reads or refuses it";
  }
  EXPECT_EQ(judge_arrival("GET /a HTTP/1.1\r\nContent-Length: 3\r\n\r\n"), Arrival::whole);
  EXPECT_EQ(judge_arrival(std::string(kLongestHead, 'a')), Arrival::too_long);
}

TEST(Http, NobodyThereIsAnError) {
  auto client = HttpClient::make({.base_url = "http://127.0.0.1:1"});
  const auto answer = (*client)->send({});
  ASSERT_FALSE(answer);
  EXPECT_EQ(answer.error().kind, ErrorKind::unavailable);
  EXPECT_FALSE(HttpClient::make({.base_url = "ftp://x"}));
}

struct Pki {
  SystemClock clock;
  CertificateAuthority ca = make_authority("test CA", std::chrono::days(2), clock.now()).value();
  TlsIdentity identity(const CertificateAuthority& authority, const std::string& name) const {
    Secret key = make_private_key().value();
    return {issue_certificate(authority, key, name, {"localhost", "127.0.0.1"}, 60min, clock.now())
                .value(),
            key};
  }
};

TEST(Http, MutualTls) {
  const Pki pki;
  HttpServerOptions options;
  options.tls = pki.identity(pki.ca, "server");
  options.client_ca = pki.ca.certificate;
  const auto server = start(std::move(options));
  const std::string url = "https://127.0.0.1:" + std::to_string(server->port());
  auto known = HttpClient::make(
      {.base_url = url, .ca = pki.ca.certificate, .identity = pki.identity(pki.ca, "mail")});
  const auto answer = (*known)->send({.path = "/x"});
  ASSERT_TRUE(answer) << describe(answer.error());
  EXPECT_EQ(answer->body, "GET /x q= peer=mail ");
  auto nameless = HttpClient::make({.base_url = url, .ca = pki.ca.certificate});
  EXPECT_FALSE((*nameless)->send({.path = "/x"}));
  const CertificateAuthority other =
      make_authority("other CA", std::chrono::days(2), pki.clock.now()).value();
  auto stranger = HttpClient::make(
      {.base_url = url, .ca = pki.ca.certificate, .identity = pki.identity(other, "mail")});
  EXPECT_FALSE((*stranger)->send({.path = "/x"}));
  auto distrusting = HttpClient::make(
      {.base_url = url, .ca = other.certificate, .identity = pki.identity(pki.ca, "mail")});
  EXPECT_FALSE((*distrusting)->send({.path = "/x"}));
}

TEST(Http, ANamedCaReplacesThoseOfTheSystem) {
  const Pki pki;
  const std::string file = testing::TempDir() + "system-cas.pem";
  std::ofstream(file) << pki.ca.certificate;
  ::setenv("SSL_CERT_FILE", file.c_str(), 1);
  HttpServerOptions options;
  options.tls = pki.identity(pki.ca, "server");
  const auto server = start(std::move(options));
  const std::string url = "https://127.0.0.1:" + std::to_string(server->port());
  const CertificateAuthority other =
      make_authority("other CA", std::chrono::days(2), pki.clock.now()).value();
  const auto answer = [&](const std::string& ca, bool system_too = false) {
    auto client = HttpClient::make({.base_url = url, .ca = ca, .system_cas_too = system_too});
    return (*client)->send({.path = "/"}).has_value();
  };
  EXPECT_TRUE(answer("")) << "the system's";
  EXPECT_TRUE(answer(pki.ca.certificate));
  EXPECT_FALSE(answer(other.certificate)) << "the system's CAs were trusted as well";
  EXPECT_TRUE(answer(other.certificate, true));
  ::unsetenv("SSL_CERT_FILE");
  std::remove(file.c_str());
}

TEST(Http, AHandlerLearnsThatItsClientHasHungUp) {
  const Pki pki;
  HttpServerOptions options;
  options.tls = pki.identity(pki.ca, "server");
  std::atomic<int> ended = 0;
  std::atomic<bool> came = false;
  const auto server = HttpServer::start(
      std::move(options),
      [&](const HttpRequest& request) {
        EXPECT_FALSE(request.hung_up());
        came = true;
        for (int i = 0; i < 1000 && !request.hung_up(); ++i) {
          std::this_thread::sleep_for(10ms);
        }
        ended = request.hung_up() ? 1 : 2;
        return HttpResponse{};
      },
      silent_logger());
  ASSERT_TRUE(server);
  {
    auto line = LineClient::connect("127.0.0.1", (*server)->port(), 2s).value();
    ASSERT_TRUE(line->start_tls("localhost"));
    ASSERT_TRUE(line->send_raw("GET / HTTP/1.1\r\nHost: localhost\r\n\r\n"));
    while (!came) {
      std::this_thread::sleep_for(1ms);
    }
  }
  while (ended == 0) {
    std::this_thread::sleep_for(1ms);
  }
  EXPECT_EQ(ended, 1) << "it waited in vain";
}

TEST(Http, AClientThatAsksAgainAtOnceDoesNotKeepTheServerFromStopping) {
  const Pki pki;
  HttpServerOptions options;
  options.tls = pki.identity(pki.ca, "server");
  std::atomic<int> handled = 0;
  const auto server = HttpServer::start(
      std::move(options),
      [&](const HttpRequest&) {
        ++handled;
        return HttpResponse{.body = "again\n"};
      },
      silent_logger());
  ASSERT_TRUE(server);
  std::thread client([&, port = (*server)->port()] {
    auto line = LineClient::connect("127.0.0.1", port, 2s).value();
    ASSERT_TRUE(line->start_tls("localhost"));
    // As many as it would take some seconds to answer.
    for (int i = 0; i < 50'000; ++i) {
      if (!line->send_raw("GET / HTTP/1.1\r\nHost: localhost\r\n\r\n") || !line->read_line()) {
        return;
      }
      for (auto head = line->read_line(); head && !head->empty();) {
        head = line->read_line();
      }
      EXPECT_TRUE(line->read_line()) << "the body";
    }
  });
  while (handled < 100) {
    std::this_thread::sleep_for(1ms);
  }
  const int before = handled;
  (*server)->stop();
  EXPECT_LT(handled - before, 1000);
  client.join();
}

// How often threads of this process have gone to sleep.
long sleeps() {
  rusage used{};
  ::getrusage(RUSAGE_SELF, &used);
  return used.ru_nvcsw;
}

TEST(Http, AKeptTlsConnectionSleepsUntilItIsUsedAndDoesNotHoldUpTheEnd) {
  const Pki pki;
  HttpServerOptions options;
  options.tls = pki.identity(pki.ca, "server");
  options.keep_alive = 30s;
  const auto server = HttpServer::start(std::move(options), echo, silent_logger());
  ASSERT_TRUE(server);
  auto client =
      HttpClient::make({.base_url = "https://127.0.0.1:" + std::to_string((*server)->port()),
                        .ca = pki.ca.certificate});
  ASSERT_TRUE((*client)->send({.path = "/"}));
  const long before = sleeps();
  std::this_thread::sleep_for(500ms);
  EXPECT_LT(sleeps() - before, 20) << "somebody looks again and again";
  ASSERT_TRUE((*client)->send({.path = "/"}));
  const auto began = std::chrono::steady_clock::now();
  (*server)->stop();
  EXPECT_LT(std::chrono::steady_clock::now() - began, 10s);
}

TEST(Http, AnUnusedTlsConnectionIsClosedAfterItsTime) {
  const Pki pki;
  HttpServerOptions options;
  options.tls = pki.identity(pki.ca, "server");
  const auto server = start(std::move(options));
  auto line = LineClient::connect("127.0.0.1", server->port(), 10s).value();
  ASSERT_TRUE(line->start_tls("localhost"));
  const auto end = line->read_line();
  ASSERT_FALSE(end);
  EXPECT_NE(end.error().kind, ErrorKind::timeout) << describe(end.error());
}

TEST(Http, RenewsItsCertificateWithoutARestart) {
  const Pki pki;
  HttpServerOptions options;
  options.tls = pki.identity(pki.ca, "first");
  const auto server = start(std::move(options));
  const auto fingerprint = [&] {
    auto line = LineClient::connect("127.0.0.1", server->port(), 2s).value();
    EXPECT_TRUE(line->start_tls("localhost"));
    return line->fingerprint();
  };
  const std::string before = fingerprint();
  const TlsIdentity next = pki.identity(pki.ca, "second");
  server->renew(next);
  EXPECT_NE(fingerprint(), before);
  EXPECT_EQ(fingerprint(), read_certificate(next.certificate)->fingerprint);
}

TEST(SystemCas, EachOfTheFolderIsTrusted) {
  ::unsetenv("SSL_CERT_FILE");
  ::unsetenv("SSL_CERT_DIR");
  const std::string folder = system_ca_folder();
  if (folder.empty()) {
    GTEST_SKIP() << "this system has none";
  }
  X509_STORE* store = X509_STORE_new();
  ASSERT_TRUE(add_system_cas(*store));
  int found = 0;
  for (const auto& entry : std::filesystem::directory_iterator(folder)) {
    if (!entry.path().string().ends_with(".0")) {
      continue;
    }
    BIO* bio = BIO_new_file(entry.path().c_str(), "r");
    X509* one = PEM_read_bio_X509(bio, nullptr, nullptr, nullptr);
    X509_STORE_CTX* context = X509_STORE_CTX_new();
    X509_STORE_CTX_init(context, store, one, nullptr);
    // An authority may have expired.
    X509_STORE_CTX_set_flags(context, X509_V_FLAG_NO_CHECK_TIME);
    EXPECT_EQ(X509_verify_cert(context), 1) << entry.path();
    ++found;
    X509_STORE_CTX_free(context);
    X509_free(one);
    BIO_free(bio);
  }
  EXPECT_GT(found, 10);
  X509_STORE_free(store);
}

TEST(X509, ANameThatIsTooLongForTheSubjectIsStillAnAlternativeName) {
  const Pki pki;
  const std::string name = std::string(63, 'b') + ".test";
  const auto leaf =
      issue_certificate(pki.ca, make_private_key().value(), name, {name}, 60min, pki.clock.now());
  ASSERT_TRUE(leaf) << describe(leaf.error());
  EXPECT_EQ(read_certificate(*leaf)->names, std::vector<std::string>{name});
}

TEST(X509, RequestsAreCheckedAndSigned) {
  const Pki pki;
  const Secret key = make_private_key().value();
  const std::string request = make_signing_request(key, "whatever").value();
  const auto leaf =
      sign_request(pki.ca, request, "mail", {"mail.example.com"}, 60min, pki.clock.now());
  ASSERT_TRUE(leaf);
  const auto info = read_certificate(*leaf);
  EXPECT_EQ(info->common_name, "mail") << "the name is ours to give";
  EXPECT_EQ(info->names, std::vector<std::string>{"mail.example.com"});
  EXPECT_EQ(info->issuer, "test CA");
  EXPECT_TRUE(check_key_matches(*leaf, key));
  EXPECT_FALSE(check_key_matches(*leaf, make_private_key().value()));
  EXPECT_FALSE(sign_request(pki.ca, "nonsense", "mail", {}, 60min, pki.clock.now()));
}

TEST(X509, ServerRequestsNameAllAndHaveNoSubject) {
  for (const KeyKind kind : {KeyKind::ecdsa_p256, KeyKind::rsa_2048}) {
    const Secret key = make_private_key(kind).value();
    const auto der = make_server_request(key, {"a.test", "*.a.test", "192.0.2.1", "2001:db8::1"});
    ASSERT_TRUE(der) << describe(der.error());
    const auto* at = reinterpret_cast<const unsigned char*>(der->data());
    X509_REQ* request = d2i_X509_REQ(nullptr, &at, static_cast<long>(der->size()));
    ASSERT_NE(request, nullptr);
    EXPECT_EQ(X509_REQ_verify(request, X509_REQ_get0_pubkey(request)), 1);
    EXPECT_EQ(X509_NAME_entry_count(X509_REQ_get_subject_name(request)), 0);
    BIO* text = BIO_new(BIO_s_mem());
    X509_REQ_print(text, request);
    char* words = nullptr;
    const auto size = BIO_get_mem_data(text, &words);
    EXPECT_NE(std::string(words, static_cast<std::size_t>(size))
                  .find("DNS:a.test, DNS:*.a.test, IP Address:192.0.2.1, "
                        "IP Address:2001:DB8:0:0:0:0:0:1"),
              std::string::npos);
    BIO_free(text);
    X509_REQ_free(request);
  }
  EXPECT_FALSE(make_server_request(Secret("no key"), {"a.test"}));
}

TEST(X509, NamesAndAddressesOfACertificate) {
  const Pki pki;
  const auto leaf =
      issue_certificate(pki.ca, make_private_key().value(), "leaf",
                        {"b.test", "2001:db8::1", "a.test", "192.0.2.1"}, 60min, pki.clock.now());
  const auto info = read_certificate(leaf.value());
  ASSERT_TRUE(info);
  EXPECT_EQ(info->names, (std::vector<std::string>{"a.test", "b.test"}));
  EXPECT_EQ(info->addresses, (std::vector<std::string>{"192.0.2.1", "2001:db8::1"}));
}

TEST(Chain, IsTakenApartAndChecked) {
  const Pki pki;
  const std::string leaf = issue_certificate(pki.ca, make_private_key().value(), "leaf", {"a.test"},
                                             60min, pki.clock.now())
                               .value();
  const auto chain = split_chain("words before\n" + leaf + "\n" + pki.ca.certificate);
  ASSERT_TRUE(chain);
  EXPECT_EQ(*chain, (std::vector<std::string>{leaf, pki.ca.certificate}));
  EXPECT_TRUE(check_chain(*chain));
  EXPECT_EQ(check_chain({pki.ca.certificate, leaf}).error().code, "broken_chain");
  const auto other = make_authority("test CA", std::chrono::days(1), pki.clock.now()).value();
  EXPECT_EQ(check_chain({leaf, other.certificate}).error().code, "broken_chain")
      << "the name of the issuer, but another key";
  EXPECT_FALSE(split_chain("no certificate"));
}

TEST(Chain, AChallengeCertificateIsThatOfRfc8737) {
  const Secret key = make_private_key().value();
  const std::string digest(32, 'd');
  const auto pem = make_challenge_certificate(key, "a.test", digest, SystemClock().now());
  ASSERT_TRUE(pem) << describe(pem.error());
  EXPECT_EQ(read_certificate(*pem)->names, std::vector<std::string>{"a.test"});
  EXPECT_TRUE(check_key_matches(*pem, key));
  // The identifier 1.3.6.1.5.5.7.1.31, critical, and an OCTET STRING within the extension's.
  const std::string extension = std::string("\x06\x08\x2b\x06\x01\x05\x05\x07\x01\x1f", 10) +
                                "\x01\x01\xff\x04\x22\x04\x20" + digest;
  EXPECT_NE(certificate_der(*pem)->find(extension), std::string::npos);
}

TEST(Dns, NoServerIsAnError) {
  const auto answer = dns_query("127.0.0.1", 1, "example.com", "SOA", true, 200ms);
  ASSERT_FALSE(answer);
  EXPECT_EQ(answer.error().kind, ErrorKind::unavailable);
  EXPECT_FALSE(dns_query("localhost", 53, "example.com", "SOA", false, 200ms))
      << "a name is no address: nothing is resolved";
  EXPECT_FALSE(dns_query("127.0.0.1", 53, "example.com", "NOPE", false, 200ms));
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
