// The agent's side of the link: enrolment, a client certificate that is renewed at half of its
// lifetime, and the messages. Losing the control plane is a state that is logged once; daemons keep
// running.
#pragma once

#include <memory>
#include <mutex>
#include <optional>
#include <string>

#include "agent/board.hpp"
#include "base/clock.hpp"
#include "base/files.hpp"
#include "base/log.hpp"
#include "net/http.hpp"
#include "net/x509.hpp"
#include "wire/link.hpp"

namespace podplay::agent {

struct LinkOptions {
  std::string url = "https://127.0.0.1:8601";
  std::string authority = "/run/podplay-enrol/ca.pem";
  // Names this machine; missing: the control plane's own.
  std::string host = "/run/podplay-enrol/host";
  std::string secret = "/run/podplay-enrol/secret";
  // key.pem and certificate.pem
  std::string folder = "/run/podplay-link";
  // of one request; a poll lasts up to 25 s
  std::chrono::milliseconds timeout{40000};
};

// One connection for one thread; several share an Identity.
class Identity {
 public:
  Identity(ServiceName service, LinkOptions options, Files& files, Clock& clock, Logger log);

  // Enrols when there is no valid certificate; renews one past half of its lifetime. An Error says
  // what is missing.
  Status ensure();
  // Counts up whenever the certificate is a new one.
  std::uint64_t generation() const;
  Result<std::unique_ptr<net::HttpClient>> connect() const;
  // The control plane does not know our certificate: the next ensure() enrols again.
  void forget();

 private:
  Status load();
  Status enrol();
  wire::Json enrolment(const std::string& secret) const;
  Status renew();
  Status request_certificate(net::HttpClient& client, const std::string& path, wire::Json body,
                             const Secret& key);
  Result<std::string> authority() const;

  ServiceName service_;
  LinkOptions options_;
  Files& files_;
  Clock& clock_;
  Logger log_;
  mutable std::mutex mutex_;
  std::optional<net::TlsIdentity> identity_;
  WallTime renew_at_{};
  WallTime expires_{};
  std::uint64_t generation_ = 0;
};

class Link {
 public:
  Link(Identity& identity, Board& board, Logger log);

  Result<wire::WorkAnswer> ask(const wire::WorkQuestion& question);
  Status report(const ApplyReport& report);
  Status result(const CommandResult& result);

 private:
  Result<net::HttpResponse> post(const std::string& path, const wire::Json& body);
  void away(const Error& error);
  void back();

  Identity& identity_;
  Board& board_;
  Logger log_;
  std::unique_ptr<net::HttpClient> client_;
  std::uint64_t generation_ = 0;
  // the code of the failure that was logged last
  std::string said_;
};

}  // namespace podplay::agent
