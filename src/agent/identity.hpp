// The agent's identity on the link: it enrols, and renews its client certificate at half of its
// lifetime.
#pragma once

#include <cstdint>
#include <memory>
#include <mutex>
#include <optional>
#include <string>

#include "base/clock.hpp"
#include "base/files.hpp"
#include "base/log.hpp"
#include "model/service.hpp"
#include "net/http.hpp"
#include "net/x509.hpp"
#include "wire/shape.hpp"

namespace podplay::agent {

struct LinkOptions {
  std::string url = "https://127.0.0.1:8601";
  std::string authority = "/run/podplay-enrol/ca.pem";
  // Names this machine. Without this file, the control plane takes its own name.
  std::string host = "/run/podplay-enrol/host";
  std::string secret = "/run/podplay-enrol/secret";
  // Holds key.pem and certificate.pem.
  std::string folder = "/run/podplay-link";
  // How long one request may take; a poll lasts up to 25 s.
  std::chrono::milliseconds timeout{40000};
};

// On one machine, compressing costs more than sending: podplayd needed 400 ms to compress a
// thousand directory rows.
inline const net::Headers kLinkHeaders{{"Content-Type", "application/json"},
                                       {"Accept-Encoding", "identity"}};

// For any thread.
class Identity {
 public:
  Identity(ServiceName service, LinkOptions options, Files& files, Clock& clock, Logger log);

  // Enrols when there is no valid certificate; renews one past half of its lifetime. An Error says
  // what is missing. One thread at a time asks the control plane; the others wait for it.
  Status ensure();
  // Grows with each new certificate.
  std::uint64_t certificate_count() const;
  Result<std::unique_ptr<net::HttpClient>> connect() const;
  // The control plane does not know our certificate: the next ensure() enrols again.
  void forget();

 private:
  enum class Need { nothing, renewal, certificate };

  Need need();
  Status enrol();
  wire::Json enrolment(const std::string& secret) const;
  Status renew();
  Status request_certificate(net::HttpClient& client, const std::string& path, wire::Json body,
                             const Secret& key);
  Status keep(const Secret& key, const std::string& certificate);
  // With mutex_ held.
  Status load();
  Result<std::string> authority() const;

  // Constant after construction.
  const ServiceName service_;
  const LinkOptions options_;
  Files& files_;
  Clock& clock_;
  const Logger log_;

  // Held during ensure().
  std::mutex ensuring_;

  mutable std::mutex mutex_;
  // Guarded by mutex_.
  std::optional<net::TlsIdentity> identity_;
  WallTime begins_{};
  WallTime renew_at_{};
  WallTime expires_{};
  // When the certificate that there is expired; nothing while it has not.
  std::optional<WallTime> ended_;
  std::uint64_t certificate_count_ = 0;
};

}  // namespace podplay::agent
