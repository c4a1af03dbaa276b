// A probe waits no longer than its timeout for each answer, and reports what it saw, whether it
// passed or not.
#include "daemons/probing.hpp"

#include <fmt/format.h>

#include "base/files.hpp"

namespace podplay::daemons {

ProbeStatus passed(std::string name, std::string seen) {
  return {std::move(name), true, std::move(seen)};
}
ProbeStatus failed(std::string name, const Error& error) {
  return {std::move(name), false, describe(error)};
}
ProbeStatus failed(std::string name, std::string seen) {
  return {std::move(name), false, std::move(seen)};
}

ProbeStatus probe_greeting(const std::string& name, int port, const std::string& expected,
                           std::chrono::milliseconds timeout) {
  auto client = net::LineClient::connect(kLocal, port, timeout);
  if (!client) {
    return failed(name, client.error());
  }
  const auto line = (*client)->read_line();
  if (!line) {
    return failed(name, line.error());
  }
  if (!line->starts_with(expected)) {
    return failed(name,
                  fmt::format("port {} greets with '{}', not with '{}'", port, *line, expected));
  }
  return passed(name, *line);
}

Result<std::string> shown_certificate(int port, const std::string& server_name,
                                      std::chrono::milliseconds timeout) {
  TRY(auto client, net::LineClient::connect(kLocal, port, timeout));
  TRY(client->start_tls(server_name));
  return client->fingerprint();
}

ProbeStatus probe_certificate(const std::string& name, int port, const std::string& server_name,
                              const CertificateRef& certificate,
                              std::chrono::milliseconds timeout) {
  const auto seen = shown_certificate(port, server_name, timeout);
  if (!seen) {
    return failed(name, seen.error());
  }
  if (*seen != certificate.version) {
    return failed(name, fmt::format("port {} shows for {} the certificate {}, not {} of "
                                    "/data/certificates/{}",
                                    port, server_name, seen->substr(0, 16),
                                    certificate.version.substr(0, 16), certificate.name));
  }
  return passed(name, *seen);
}

RowVerdict shows_certificate(const std::vector<int>& ports, const std::string& name,
                             const CertificateRef& certificate, std::chrono::milliseconds timeout) {
  for (const int port : ports) {
    const ProbeStatus seen = probe_certificate(name, port, name, certificate, timeout);
    if (!seen.ok) {
      return {.state = RowState::later, .words = seen.message};
    }
  }
  return {};
}

RowVerdict hides_certificate(const std::vector<int>& ports, const std::string& name,
                             std::chrono::milliseconds timeout) {
  for (const int port : ports) {
    const auto shown = shown_certificate(port, name, timeout);
    if (!shown) {
      return {.state = RowState::later, .words = describe(shown.error())};
    }
    if (RealFiles{}.exists(fmt::format("/data/certificates/{}/versions/{}", name, *shown))) {
      return {.state = RowState::later,
              .words = fmt::format("port {} still shows the certificate of {}", port, name)};
    }
  }
  return {};
}

Status run_checker(Runner& runner, const Command& command) {
  TRY(const auto outcome, runner.run(command));
  if (outcome.exit_code == 0) {
    return {};
  }
  const std::string words = outcome.words();
  return fail(ErrorKind::refused, "check",
              words.empty()
                  ? fmt::format("{} ended with {}", command.argv.front(), outcome.exit_code)
                  : words);
}

}  // namespace podplay::daemons
