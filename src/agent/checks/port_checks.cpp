// Whether each port speaks its protocol, and shows the certificate that it must. One connection
// for each port; nothing is sent but what ends it politely.
#include <fmt/format.h>

#include <array>

#include "agent/checks/checks.hpp"
#include "daemons/certificate_proof.hpp"
#include "daemons/probing.hpp"
#include "daemons/tls_ports.hpp"
#include "net/dns.hpp"
#include "net/line_client.hpp"
#include "net/shown_certificate.hpp"

namespace podplay::agent {
namespace {

using namespace std::chrono;

constexpr milliseconds kPortTimeout{3000};
constexpr std::int64_t kFewDays = 7;

struct SpokenPort {
  std::string_view name;
  int port;
  // What the server says first; empty: it is asked over HTTP.
  std::string_view greeting;
  bool tls = false;
};

constexpr std::array kMailPorts = std::to_array<SpokenPort>({
    {"smtp", 25, "220"},
    {"submission", 587, "220"},
    {"submissions", 465, "220", true},
    {"imap", 143, "* OK"},
    {"imaps", 993, "* OK", true},
    {"pop3", 110, "+OK"},
    {"pop3s", 995, "+OK", true},
    {"sieve", 4190, "\"IMPLEMENTATION\""},
});
constexpr std::array kWebPorts = std::to_array<SpokenPort>({
    {"http", 80, ""},
    {"https", 443, "", true},
});

HealthCheck answer(std::string name, const Result<std::string>& said, std::string_view expected) {
  HealthCheck check{.name = std::move(name)};
  if (!said) {
    check.result = CheckResult::failed;
    check.reason = describe(said.error());
  } else if (!said->starts_with(expected)) {
    check.result = CheckResult::failed;
    check.reason = fmt::format("it answers '{}'", said->substr(0, 100));
  } else {
    check.reason = fmt::format("it answers '{}'", said->substr(0, 60));
  }
  return check;
}

Result<std::string> speak(const SpokenPort& port) {
  TRY(auto client, net::LineClient::connect(daemons::kLocal, port.port, kPortTimeout));
  if (port.tls) {
    TRY(client->start_tls(""));
  }
  if (port.greeting.empty()) {
    TRY(
        client->send_raw("HEAD / HTTP/1.1\r\nHost: localhost\r\nUser-Agent: podplay-check\r\n"
                         "Connection: close\r\n\r\n"));
  }
  TRY(auto line, client->read_line());
  if (port.greeting == "220") {
    static_cast<void>(client->send_line("QUIT"));
  }
  return line;
}

std::vector<HealthCheck> ask_lines(std::span<const SpokenPort> ports) {
  std::vector<HealthCheck> checks;
  for (const SpokenPort& port : ports) {
    checks.push_back(answer(fmt::format("port-{}", port.name), speak(port),
                            port.greeting.empty() ? "HTTP/1." : port.greeting));
    checks.back().facts = {{"port", port.port}};
  }
  return checks;
}

Result<std::string> speak_lmtp() {
  TRY(auto client, net::LineClient::connect_unix("/run/dovecot/lmtp", kPortTimeout));
  return client->read_line();
}

// Any answer will do, even REFUSED.
HealthCheck ask_dns(bool tcp) {
  const auto answered = net::dns_query(daemons::kLocal, 53, "localhost", "A", tcp, kPortTimeout);
  HealthCheck check{.name = tcp ? "port-dns-tcp" : "port-dns", .facts = {{"port", 53}}};
  if (!answered) {
    check.result = CheckResult::failed;
    check.reason = describe(answered.error());
  } else {
    check.reason = fmt::format("it answers with code {}", answered->rcode);
  }
  return check;
}

struct HostCertificate {
  std::string host_name;
  CertificateRef certificate;
};

std::optional<HostCertificate> certificate_of(const Snapshot& snapshot) {
  if (const auto* mail = std::get_if<MailSnapshot>(&snapshot.body)) {
    return HostCertificate{mail->host_name, mail->certificate};
  }
  if (const auto* web = std::get_if<ApacheSnapshot>(&snapshot.body)) {
    return HostCertificate{web->host_name, web->certificate};
  }
  return std::nullopt;
}

HealthCheck check_days(const CheckTools& tools, const HostCertificate& host) {
  HealthCheck check{.name = "certificate-days"};
  const auto leaf = daemons::read_leaf(tools.files, host.certificate);
  if (!leaf) {
    check.result = CheckResult::failed;
    check.reason = describe(leaf.error());
    return check;
  }
  const auto left = floor<days>(leaf->not_after - tools.clock.now()).count();
  check.facts = {{"days_left", left, 0}};
  check.reason =
      fmt::format("the certificate of {} is valid for {} more days", host.host_name, left);
  if (leaf->not_before > tools.clock.now()) {
    check.result = CheckResult::failed;
    check.reason = fmt::format("the certificate of {} is not valid yet", host.host_name);
  } else if (leaf->not_after <= tools.clock.now()) {
    check.result = CheckResult::failed;
    check.reason = fmt::format("the certificate of {} has expired", host.host_name);
  } else if (left < kFewDays) {
    check.result = CheckResult::warning;
  }
  return check;
}

HealthCheck check_wire(const CheckTools& tools, const HostCertificate& host) {
  HealthCheck check{.name = "certificate-wire",
                    .reason = fmt::format("every TLS port shows the certificate of {} that it must",
                                          host.host_name)};
  for (const auto& daemon : tools.service.daemons) {
    for (const daemons::TlsPort& port : daemons::tls_ports_of(daemon->name())) {
      const auto shown = net::shown_certificate(daemons::kLocal, port.port, port.start,
                                                host.host_name, kPortTimeout);
      if (shown && *shown == host.certificate.version) {
        continue;
      }
      check.result = CheckResult::failed;
      check.facts = {{"port", port.port}};
      check.reason =
          shown
              ? fmt::format("{} on port {} shows another certificate ({}) than the wanted one ({})",
                            port.service, port.port, shown->substr(0, 16),
                            host.certificate.version.substr(0, 16))
              : fmt::format("{} on port {} shows no certificate: {}", port.service, port.port,
                            describe(shown.error()));
      return check;
    }
  }
  return check;
}

}  // namespace

CheckQuestion ask_ports(ServiceName service) {
  return {.name = "ports", .interval = seconds{120}, .ask = [service](const CheckTools& tools) {
            std::vector<HealthCheck> checks;
            // Until the first release is proven, ports need not answer.
            if (!tools.board.proven()) {
              return checks;
            }
            switch (service) {
              case ServiceName::apache: return ask_lines(kWebPorts);
              case ServiceName::bind:
                checks.push_back(ask_dns(false));
                checks.push_back(ask_dns(true));
                return checks;
              case ServiceName::mail: break;
            }
            checks = ask_lines(kMailPorts);
            checks.push_back(answer("socket-lmtp", speak_lmtp(), "220"));
            return checks;
          }};
}

CheckQuestion ask_certificate() {
  return {.name = "certificate", .interval = seconds{600}, .ask = [](const CheckTools& tools) {
            std::vector<HealthCheck> checks;
            const auto snapshot = tools.served();
            const auto host = snapshot ? certificate_of(*snapshot) : std::nullopt;
            if (!host || !tools.board.proven()) {
              return checks;
            }
            checks.push_back(check_days(tools, *host));
            checks.push_back(check_wire(tools, *host));
            return checks;
          }};
}

}  // namespace podplay::agent
