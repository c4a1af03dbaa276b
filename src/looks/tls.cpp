// One handshake with each port that speaks TLS. Nothing is verified: the answer says what a client
// would see.
#include <future>

#include "looks/rows.hpp"
#include "net/inspection.hpp"
#include "net/shown_certificate.hpp"
#include "net/x509.hpp"

namespace podplay::looks {
namespace {

using namespace std::chrono;

struct TlsPort {
  int port;
  std::string_view protocol;
  net::TlsStart start;
  std::string_view services;
};
constexpr TlsPort kTlsPorts[] = {
    {443, "https", net::TlsStart::at_once, "apache"},
    {25, "smtp", net::TlsStart::smtp, "mail"},
    {587, "submission", net::TlsStart::smtp, "mail"},
    {465, "submissions", net::TlsStart::at_once, "mail"},
    {143, "imap", net::TlsStart::imap, "mail"},
    {993, "imaps", net::TlsStart::at_once, "mail"},
    {110, "pop3", net::TlsStart::pop3, "mail"},
    {995, "pop3s", net::TlsStart::at_once, "mail"},
    {4190, "sieve", net::TlsStart::sieve, "mail"},
    {8601, "link", net::TlsStart::at_once, "api"},
};

LookJson certificate_row(const std::string& pem, WallTime now) {
  const auto facts = net::read_certificate(pem);
  if (!facts) {
    return {{"error", facts.error().message}};
  }
  const auto traits = net::read_traits(pem);
  return {{"subject", facts->common_name},
          {"issuer", facts->issuer},
          {"names", facts->names},
          {"not_before", to_rfc3339(facts->not_before)},
          {"not_after", to_rfc3339(facts->not_after)},
          {"days_left", duration_cast<hours>(facts->not_after - now).count() / 24},
          {"fingerprint", facts->fingerprint},
          {"key", traits ? traits->key : std::string()}};
}

LookJson look_at_port(const std::string& address, const TlsPort& port, const std::string& name) {
  LookJson row{{"port", port.port},
               {"protocol", std::string(port.protocol)},
               {"starttls", port.start != net::TlsStart::at_once},
               {"server_name", name},
               {"chain", LookJson::array()}};
  const auto began = steady_clock::now();
  const auto shown = net::shown_tls(address, port.port, port.start, name, kAnswerTimeout);
  row["ms"] = duration_cast<milliseconds>(steady_clock::now() - began).count();
  row["ok"] = shown.has_value();
  row["error"] = shown ? std::string() : shown.error().message;
  if (!shown) {
    return row;
  }
  row["version"] = shown->protocol;
  row["cipher"] = shown->cipher;
  const auto now = time_point_cast<WallTime::duration>(system_clock::now());
  for (const std::string& pem : shown->chain) {
    row["chain"].push_back(certificate_row(pem, now));
  }
  return row;
}

}  // namespace

LookJson look_at_tls(const LookPlace& place, const LookQuestion& question) {
  const std::string& name = question.name.empty() ? question.host : question.name;
  std::vector<std::future<LookJson>> ports;
  for (const TlsPort& port : kTlsPorts) {
    const bool wanted =
        question.port == 0 ? port.services == place.service : question.port == port.port;
    if (wanted) {
      ports.push_back(
          std::async(std::launch::async, look_at_port, place.address, std::cref(port), name));
    }
  }
  LookJson rows = LookJson::array();
  for (auto& port : ports) {
    rows.push_back(port.get());
  }
  return {{"ports", std::move(rows)}};
}

}  // namespace podplay::looks
