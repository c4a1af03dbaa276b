// Every port on which a daemon of ours speaks TLS, and how a client begins it there.
#pragma once

#include <array>
#include <string_view>
#include <vector>

#include "net/shown_certificate.hpp"

namespace podplay::daemons {

struct TlsPort {
  // "dovecot-login"
  std::string_view daemon;
  // What clients call it: "IMAPS".
  std::string_view service;
  int port = 0;
  net::TlsStart start = net::TlsStart::at_once;
};

// The first one of a daemon begins with TLS, so it is the cheapest to ask.
inline constexpr std::array kTlsPorts{
    TlsPort{.daemon = "apache", .service = "HTTPS", .port = 443},
    TlsPort{.daemon = "dovecot-login", .service = "IMAPS", .port = 993},
    TlsPort{.daemon = "dovecot-login", .service = "POP3S", .port = 995},
    TlsPort{
        .daemon = "dovecot-login", .service = "IMAP", .port = 143, .start = net::TlsStart::imap},
    TlsPort{
        .daemon = "dovecot-login", .service = "POP3", .port = 110, .start = net::TlsStart::pop3},
    TlsPort{.daemon = "dovecot-login",
            .service = "ManageSieve",
            .port = 4190,
            .start = net::TlsStart::sieve},
    TlsPort{.daemon = "postfix", .service = "submissions", .port = 465},
    TlsPort{
        .daemon = "postfix", .service = "submission", .port = 587, .start = net::TlsStart::smtp},
    TlsPort{.daemon = "postfix", .service = "SMTP", .port = 25, .start = net::TlsStart::smtp},
};

inline std::vector<TlsPort> tls_ports_of(std::string_view daemon) {
  std::vector<TlsPort> ports;
  for (const TlsPort& one : kTlsPorts) {
    if (one.daemon == daemon) {
      ports.push_back(one);
    }
  }
  return ports;
}

}  // namespace podplay::daemons
