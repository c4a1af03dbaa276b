// Servers and clients over TLS: who is let in, and connections that are kept.
#include <gtest/gtest.h>
#include <sys/resource.h>

#include <atomic>
#include <functional>
#include <thread>

#include "net/http_exchange.hpp"
#include "net/pki.hpp"

namespace podplay::net {
namespace {

using namespace std::chrono_literals;
using test::echo;
using test::Pki;
using test::start;

// Whether it becomes true within 20 s.
bool becomes(const std::function<bool()>& condition) {
  const auto end = std::chrono::steady_clock::now() + 20s;
  while (!condition() && std::chrono::steady_clock::now() < end) {
    std::this_thread::sleep_for(1ms);
  }
  return condition();
}

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
    EXPECT_TRUE(becomes([&] { return came.load(); })) << "no request came";
  }
  EXPECT_TRUE(becomes([&] { return ended != 0; })) << "the handler has not ended";
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
  EXPECT_TRUE(becomes([&] { return handled >= 100; })) << handled << " requests came";
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

}  // namespace
}  // namespace podplay::net
