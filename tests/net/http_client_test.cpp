// A client takes a whole answer or gives an error, and trusts only whom it was told to.
#include <arpa/inet.h>
#include <gtest/gtest.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cstdio>
#include <cstdlib>
#include <fstream>
#include <thread>

#include "net/http.hpp"
#include "net/http_exchange.hpp"
#include "net/pki.hpp"

namespace podplay::net {
namespace {

using test::Pki;
using test::serve_pieces;
using test::start;

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

TEST(Http, AnAnswerWithoutAllItsPiecesIsNoAnswer) {
  const auto server = serve_pieces(9);
  auto client =
      HttpClient::make({.base_url = "http://127.0.0.1:" + std::to_string(server->port())});
  EXPECT_FALSE((*client)->send({.path = "/"}));
}

TEST(Http, NobodyThereIsAnError) {
  auto client = HttpClient::make({.base_url = "http://127.0.0.1:1"});
  const auto answer = (*client)->send({});
  ASSERT_FALSE(answer);
  EXPECT_EQ(answer.error().kind, ErrorKind::unavailable);
  EXPECT_FALSE(HttpClient::make({.base_url = "ftp://x"}));
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

}  // namespace
}  // namespace podplay::net
