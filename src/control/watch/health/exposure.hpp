// What a stranger must not be able to do, tried as a stranger would: from an address of this
// machine that is not the loopback, since trust depends on addresses. Nothing is sent and nothing
// changes.
#pragma once

#include <array>
#include <chrono>
#include <string>
#include <vector>

#include "control/context.hpp"
#include "model/health.hpp"
#include "net/shown_certificate.hpp"

namespace podplay::control {

struct ExposedPort {
  std::string_view service;
  std::string_view name;
  int port = 0;
  net::TlsStart start = net::TlsStart::at_once;
};

inline constexpr std::array kExposedTlsPorts = std::to_array<ExposedPort>({
    {"apache", "https", 443},
    {"mail", "imaps", 993},
    {"mail", "pop3s", 995},
    {"mail", "submissions", 465},
    {"mail", "smtp", 25, net::TlsStart::smtp},
    {"mail", "submission", 587, net::TlsStart::smtp},
    {"mail", "imap", 143, net::TlsStart::imap},
    {"mail", "pop3", 110, net::TlsStart::pop3},
    {"mail", "sieve", 4190, net::TlsStart::sieve},
});

struct ExposureOptions {
  // Where to come from and where to ask; empty: nothing is tried.
  std::string address;
  int smtp_port = 25;
  int submission_port = 587;
  int dns_port = 53;
  std::vector<ExposedPort> tls_ports{kExposedTlsPorts.begin(), kExposedTlsPorts.end()};
  // Whether these services can be asked now.
  bool mail = true;
  bool bind = true;
  std::chrono::milliseconds timeout{3000};
};

// The first IPv4 address of this machine that is not the loopback; empty: there is none.
std::string outside_address();
// The name of each begins with "exposure-". What could not be tried is a warning.
std::vector<ServiceCheck> try_exposure(Context& context, const ExposureOptions& options);

}  // namespace podplay::control
