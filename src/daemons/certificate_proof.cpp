// The daemon is asked as its clients ask it: one handshake for each name on each port. What it says
// about its configuration does not count.
#include "daemons/certificate_proof.hpp"

#include <arpa/inet.h>
#include <fmt/format.h>

#include <algorithm>

#include "daemons/probing.hpp"

namespace podplay::daemons {
namespace {

// Nobody's name, for a wildcard.
constexpr std::string_view kMadeUp = "podplay-probe";
// Hex digits of a fingerprint that people are shown.
constexpr std::size_t kShort = 16;

bool is_address(const std::string& name) {
  unsigned char octets[sizeof(in6_addr)];
  return ::inet_pton(AF_INET, name.c_str(), octets) == 1 ||
         ::inet_pton(AF_INET6, name.c_str(), octets) == 1;
}

std::string version_folder(const CertificateRef& certificate, const std::string& folder) {
  return fmt::format("{}/{}/versions/{}", folder, certificate.name, certificate.version);
}

// "IMAPS on port 993"
std::string where(const TlsPort& port) {
  return fmt::format("{} on port {}", port.service, port.port);
}

std::string for_whom(const std::string& name) {
  return name.empty() ? "clients without SNI" : name;
}

Result<std::string> ask(const TlsPort& port, const std::string& name,
                        std::chrono::milliseconds timeout) {
  return net::shown_certificate(kLocal, port.port, port.start, name, timeout);
}

RowVerdict no_certificate(const TlsPort& port, const std::string& name, const Error& error) {
  return {.state = RowState::later,
          .words = fmt::format("{} shows no certificate for {}: {}", where(port), for_whom(name),
                               describe(error)),
          .answered = net::is_answer(error)};
}

}  // namespace

Result<net::CertificateInfo> read_leaf(Files& files, const CertificateRef& certificate,
                                       const std::string& folder) {
  TRY(const auto leaf, files.read(version_folder(certificate, folder) + "/cert.pem"));
  return net::read_certificate(leaf);
}

Result<net::CertificateInfo> check_version(Files& files, const CertificateRef& certificate,
                                           const std::string& folder) {
  const std::string version = version_folder(certificate, folder);
  TRY(const auto chain, files.read(version + "/fullchain.pem"));
  TRY(auto key, files.read(version + "/privkey.pem"));
  TRY(auto leaf, net::read_certificate(chain));
  if (leaf.fingerprint != certificate.version) {
    return fail(ErrorKind::refused, "certificate_differs",
                fmt::format("{}/fullchain.pem begins with the certificate {}", version,
                            leaf.fingerprint.substr(0, kShort)),
                "versions never change: put the file back, or upload the certificate as a new one");
  }
  TRY(net::check_key_matches(chain, Secret(std::move(key))));
  return leaf;
}

std::vector<std::string> askable_names(std::span<const std::string> names) {
  std::vector<std::string> askable;
  for (const std::string& name : names) {
    if (name.starts_with("*.")) {
      askable.push_back(fmt::format("{}{}", kMadeUp, name.substr(1)));
    } else if (!is_address(name)) {
      askable.push_back(name);
    }
  }
  std::ranges::sort(askable);
  const auto twice = std::ranges::unique(askable);
  askable.erase(twice.begin(), twice.end());
  return askable;
}

RowVerdict shows_certificate(std::span<const TlsPort> ports, std::span<const std::string> names,
                             const CertificateRef& certificate, std::chrono::milliseconds timeout) {
  for (const TlsPort& port : ports) {
    for (const std::string& name : names) {
      const auto shown = ask(port, name, timeout);
      if (!shown) {
        return no_certificate(port, name, shown.error());
      }
      if (*shown != certificate.version) {
        return {.state = RowState::later,
                .words = fmt::format("{} shows for {} the certificate {}, not {} of "
                                     "/data/certificates/{}",
                                     where(port), for_whom(name), shown->substr(0, kShort),
                                     certificate.version.substr(0, kShort), certificate.name),
                .answered = true};
      }
    }
  }
  return {};
}

RowVerdict hides_certificate(std::span<const TlsPort> ports, const std::string& name,
                             std::chrono::milliseconds timeout, const std::string& folder) {
  RealFiles files;
  for (const TlsPort& port : ports) {
    const auto shown = ask(port, name, timeout);
    if (!shown) {
      return no_certificate(port, name, shown.error());
    }
    if (!files.exists(version_folder({name, *shown}, folder))) {
      continue;
    }
    const auto host = ask(port, "", timeout);
    if (!host) {
      return no_certificate(port, "", host.error());
    }
    if (*host != *shown) {
      return {.state = RowState::later,
              .words = fmt::format("{} still shows the certificate {} of {}", where(port),
                                   shown->substr(0, kShort), name),
              .answered = true};
    }
  }
  return {};
}

std::vector<RowVerdict> prove_certificates(std::span<const TlsPort> ports,
                                           std::span<const FeedRow> rows,
                                           std::chrono::milliseconds timeout) {
  std::vector<RowVerdict> verdicts;
  for (const FeedRow& row : rows) {
    const auto& certificate = std::get<CertificateRow>(row.content);
    verdicts.push_back(row.deleted ? hides_certificate(ports, row.key, timeout)
                                   : shows_certificate(ports, askable_names(certificate.names),
                                                       {row.key, certificate.version}, timeout));
  }
  return verdicts;
}

std::vector<RowVerdict> recheck_certificates(std::span<const TlsPort> ports,
                                             std::span<const FeedRow> rows,
                                             std::chrono::milliseconds timeout) {
  std::vector<RowVerdict> verdicts;
  for (const FeedRow& row : rows) {
    const auto& certificate = std::get<CertificateRow>(row.content);
    std::vector<std::string> names = askable_names(certificate.names);
    names.resize(std::min<std::size_t>(names.size(), 1));
    verdicts.push_back(row.deleted ? hides_certificate(ports.first(1), row.key, timeout)
                                   : shows_certificate(ports.first(1), names,
                                                       {row.key, certificate.version}, timeout));
  }
  return verdicts;
}

ProbeStatus HostCertificateProof::probe(const std::string& probe_name, const std::string& host_name,
                                        const CertificateRef& certificate,
                                        std::chrono::milliseconds timeout) {
  const std::string wanted = fmt::format("{} {}", host_name, certificate.version);
  const bool whole = proven_ != wanted;
  const std::string names[]{host_name, ""};
  const RowVerdict seen = whole
                              ? shows_certificate(ports_, names, certificate, timeout)
                              : shows_certificate(std::span(ports_).first(1),
                                                  std::span(names).first(1), certificate, timeout);
  if (seen.state != RowState::done) {
    proven_.clear();
    return failed(probe_name, seen.words);
  }
  proven_ = wanted;
  return passed(probe_name, certificate.version);
}

}  // namespace podplay::daemons
