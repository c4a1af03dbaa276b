// Shared probes.
#include "daemons/probing.hpp"

#include <fmt/format.h>

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

ProbeStatus probe_certificate(const std::string& name, int port, const std::string& server_name,
                              const CertificateRef& certificate,
                              std::chrono::milliseconds timeout) {
  auto client = net::LineClient::connect(kLocal, port, timeout);
  if (!client) {
    return failed(name, client.error());
  }
  if (Status started = (*client)->start_tls(server_name); !started) {
    return failed(name, started.error());
  }
  const std::string seen = (*client)->fingerprint();
  if (seen != certificate.fingerprint) {
    return failed(
        name,
        fmt::format("port {} shows for {} the certificate {}, not {} of /data/certificates/{}",
                    port, server_name, seen.substr(0, 16), certificate.fingerprint.substr(0, 16),
                    certificate.name));
  }
  return passed(name, seen);
}

namespace {
constexpr std::size_t kInTurn = 5;
}

bool SeenThings::is_due(const std::string& name, const std::string& mark, std::size_t index,
                        std::size_t count) const {
  const auto known = marks_.find(name);
  const bool its_turn = (index + count - turn_ % count) % count < kInTurn;
  return known == marks_.end() || known->second != mark || its_turn;
}

void SeenThings::next_turn() { turn_ += kInTurn; }

void probe_names(SeenThings& seen, const std::string& prefix, int port,
                 const std::vector<ShownName>& names, std::chrono::milliseconds timeout,
                 std::vector<ProbeStatus>& results) {
  for (std::size_t i = 0; i < names.size(); ++i) {
    const auto& [name, certificate] = names[i];
    if (!seen.is_due(name, certificate.fingerprint, i, names.size())) {
      continue;
    }
    results.push_back(probe_certificate(prefix + name, port, name, certificate, timeout));
    if (!results.back().ok) {
      return seen.lost(name);
    }
    seen.seen(name, certificate.fingerprint);
  }
  seen.next_turn();
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
