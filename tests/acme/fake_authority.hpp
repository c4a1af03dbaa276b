// An authority that answers what the test says, over real HTTPS on loopback. Signatures are not
// verified here: Pebble does that in the contract tests. Also a clock that the test sets.
#pragma once

#include <functional>
#include <map>
#include <mutex>
#include <stdexcept>
#include <string>
#include <vector>

#include "acme/client.hpp"
#include "acme/reading.hpp"
#include "base/encoding.hpp"
#include "net/http.hpp"
#include "net/x509.hpp"

namespace podplay::test {

class ManualClock final : public Clock {
 public:
  WallTime now() const override { return now_; }
  SteadyTime steady() const override { return SteadyTime{} + (now_ - WallTime{}); }
  void sleep(std::chrono::milliseconds duration) override { now_ += duration; }

 private:
  WallTime now_ = std::chrono::floor<std::chrono::milliseconds>(std::chrono::system_clock::now());
};

class FakeAuthority {
 public:
  using Json = acme::Json;
  // What a request says, without its signature.
  struct Asked {
    std::string path;
    Json header;
    // Null for POST-as-GET and for requests that are not signed.
    Json payload;
  };
  using Handler = std::function<net::HttpResponse(const Asked&)>;

  FakeAuthority() : ca_(net::make_authority("fake CA", std::chrono::days(1), clock.now()).value()) {
    Secret key = net::make_private_key().value();
    auto leaf = net::issue_certificate(ca_, key, "localhost", {"127.0.0.1"}, std::chrono::hours(1),
                                       clock.now());
    net::HttpServerOptions options;
    options.tls = net::TlsIdentity{leaf.value(), key};
    auto server = net::HttpServer::start(
        std::move(options), [this](const net::HttpRequest& request) { return answer(request); },
        silent_logger());
    if (!server) {
      throw std::runtime_error(describe(server.error()));
    }
    server_ = std::move(*server);
    for (const char* name : {"newNonce", "newAccount", "newOrder", "revokeCert", "keyChange"}) {
      directory[name] = url(std::string("/") + name);
    }
  }

  std::string url(const std::string& path) const {
    return "https://127.0.0.1:" + std::to_string(server_->port()) + path;
  }
  acme::ClientOptions options() const {
    return {.directory = url("/directory"), .ca = ca_.certificate};
  }
  // A client with an account.
  std::unique_ptr<acme::Client> client() {
    auto client = acme::Client::open(options(), clock, silent_logger());
    if (!client) {
      throw std::runtime_error(describe(client.error()));
    }
    (*client)->use_account({.key = net::make_private_key().value(), .account = url("/account/1")});
    return std::move(*client);
  }

  // What was asked of this path, in order.
  std::vector<Asked> asked(const std::string& path) {
    const std::scoped_lock lock(mutex_);
    std::vector<Asked> found;
    for (const Asked& one : asked_) {
      if (one.path == path) {
        found.push_back(one);
      }
    }
    return found;
  }

  static net::HttpResponse json(int status, const Json& body, net::Headers headers = {}) {
    headers["Content-Type"] = status < 400 ? "application/json" : "application/problem+json";
    return {status, std::move(headers), body.dump()};
  }
  static net::HttpResponse problem(int status, const std::string& type,
                                   const std::string& detail = "no", net::Headers headers = {}) {
    return json(status, {{"type", "urn:ietf:params:acme:error:" + type}, {"detail", detail}},
                std::move(headers));
  }

  ManualClock clock;
  Json directory = Json::object();
  std::map<std::string, Handler> handlers;
  // False: answers bring no nonces.
  bool gives_nonces = true;

 private:
  net::HttpResponse answer(const net::HttpRequest& request) {
    const std::scoped_lock lock(mutex_);
    Asked asked{.path = request.path, .header = {}, .payload = {}};
    if (request.method == "POST") {
      const Json jws = Json::parse(request.body);
      const auto part = [&jws](const char* name) {
        return Json::parse(from_base64url(jws.at(name).get<std::string>()).value(), nullptr, false);
      };
      asked.header = part("protected");
      if (jws.at("payload") != "") {
        asked.payload = part("payload");
      }
    }
    asked_.push_back(asked);
    net::HttpResponse response;
    if (request.path == "/directory") {
      response = json(200, directory);
    } else if (const auto found = handlers.find(request.path); found != handlers.end()) {
      response = found->second(asked);
    } else if (request.path != "/newNonce") {
      response = problem(404, "malformed", "there is no " + request.path);
    }
    if (gives_nonces && !response.headers.contains("Replay-Nonce")) {
      response.headers["Replay-Nonce"] = "nonce" + std::to_string(++nonces_);
    }
    return response;
  }

  net::CertificateAuthority ca_;
  std::mutex mutex_;
  // Guarded by mutex_.
  std::vector<Asked> asked_;
  int nonces_ = 0;
  // The last member: it stops before the others go.
  std::unique_ptr<net::HttpServer> server_;
};

}  // namespace podplay::test
