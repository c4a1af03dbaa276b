// Signed requests to one authority (RFC 8555 section 6). The nouns of this module are functions
// that take a Client; nothing but the Client sees HTTP. Every call makes one request and waits for
// its answer, so that a caller can keep what it learned before the next one.
#pragma once

#include <chrono>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "acme/directory.hpp"
#include "acme/jws.hpp"
#include "acme/nonces.hpp"
#include "base/clock.hpp"
#include "base/log.hpp"
#include "base/result.hpp"
#include "net/http.hpp"

namespace podplay::acme {

struct ClientOptions {
  // The URL of the directory.
  std::string directory;
  // The CA of the authority's own HTTPS server, in PEM. Empty means the system's CAs.
  std::string ca{};
  std::chrono::milliseconds connect_timeout{10000};
  std::chrono::milliseconds timeout{30000};
};

// A successful answer.
struct Answer {
  int status = 0;
  // Null when the body is no JSON.
  Json body{};
  std::string text{};
  // Absolute; empty without one.
  std::string location{};
  std::string link{};
  // How long to wait before asking for the same again. Nothing when the authority did not say.
  std::optional<std::chrono::seconds> retry_after{};
};

// Which key signs, and how the header names it.
struct Signer {
  Secret key;
  // The account's URL. Empty puts the public key itself into the header.
  std::string account{};
};

// Not for two threads at once.
class Client {
 public:
  // Fetches the directory.
  static Result<std::unique_ptr<Client>> open(ClientOptions options, Clock& clock, Logger log);

  const Directory& directory() const { return directory_; }
  Clock& clock() const { return clock_; }
  const Logger& log() const { return log_; }

  // Signs for this account from now on.
  void use_account(Signer account) { account_ = std::move(account); }
  const Signer& account() const { return account_; }
  // How much later it is for the authority than for us, by its latest answer with a date.
  std::optional<std::chrono::milliseconds> clock_ahead() const { return clock_ahead_; }

  // `purpose` is what the request is for, in an error's words: "order a certificate".
  Result<Answer> get(const std::string& url, const std::string& purpose);
  Result<Answer> post(const std::string& url, const Json& payload, const std::string& purpose);
  // RFC 8555 section 6.3.
  Result<Answer> post_as_get(const std::string& url, const std::string& purpose,
                             const std::string& accept = "application/json");
  Result<Answer> post_as(const Signer& signer, const std::string& url, const std::string& payload,
                         const std::string& purpose,
                         const std::string& accept = "application/json");

 private:
  Client(ClientOptions options, Clock& clock, Logger log)
      : options_(std::move(options)), clock_(clock), log_(std::move(log)) {}

  Result<std::string> fresh_nonce();
  Result<net::HttpResponse> send(const std::string& url, net::HttpRequest request);
  Result<Answer> answer_of(const net::HttpResponse& response, const std::string& url,
                           const std::string& purpose) const;
  std::optional<std::chrono::seconds> retry_after_of(const net::HttpResponse& response) const;

  // Constant after open().
  const ClientOptions options_;
  Clock& clock_;
  Logger log_;
  Directory directory_;

  Signer account_;
  NoncePool nonces_;
  std::optional<std::chrono::milliseconds> clock_ahead_;
  // By origin: an authority may have several servers.
  struct Server {
    std::unique_ptr<net::HttpClient> client{};
    SteadyTime used{};
  };
  std::map<std::string, Server> servers_;
};

}  // namespace podplay::acme
