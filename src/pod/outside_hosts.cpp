// The database's URL holds a password, so only its host is ever shown.
#include "pod/outside_hosts.hpp"

#include <arpa/inet.h>
#include <fmt/format.h>
#include <netdb.h>

#include <array>
#include <memory>
#include <string_view>
#include <utility>

namespace podplay::pod {
namespace {

constexpr std::string_view kEmptyAliases = "  hostAliases: []\n";

bool is_address(const std::string& host) {
  std::array<unsigned char, sizeof(in6_addr)> bytes{};
  return ::inet_pton(AF_INET, host.c_str(), bytes.data()) == 1 ||
         ::inet_pton(AF_INET6, host.c_str(), bytes.data()) == 1;
}

Result<std::string> address_of(std::string_view setting, const std::string& host) {
  addrinfo wanted{};
  wanted.ai_socktype = SOCK_STREAM;
  addrinfo* found = nullptr;
  const int failed = ::getaddrinfo(host.c_str(), nullptr, &wanted, &found);
  const std::unique_ptr<addrinfo, decltype(&::freeaddrinfo)> owner(found, ::freeaddrinfo);
  std::array<char, NI_MAXHOST> text{};
  if (failed != 0 || ::getnameinfo(found->ai_addr, found->ai_addrlen, text.data(), text.size(),
                                   nullptr, 0, NI_NUMERICHOST) != 0) {
    return fail(ErrorKind::invalid, "host_unknown",
                fmt::format("{}: the host '{}' has no address on this machine: {}", setting, host,
                            ::gai_strerror(failed)),
                "correct the name, add it to /etc/hosts, or write the host's address");
  }
  return std::string(text.data());
}

}  // namespace

std::string database_host(const Secret& url) {
  const std::string& text = url.reveal();
  const std::size_t scheme = text.find("://");
  if (scheme == text.npos) {
    return {};
  }
  std::string_view rest = std::string_view(text).substr(scheme + 3);
  rest = rest.substr(0, rest.find_first_of("/?"));
  // A password may have an '@' that is not encoded; a host has none.
  if (const std::size_t at = rest.rfind('@'); at != rest.npos) {
    rest.remove_prefix(at + 1);
  }
  if (rest.starts_with('[')) {
    return {};
  }
  std::string host(rest.substr(0, rest.find(':')));
  // "%2Frun%2Fpostgresql" is the folder of a socket.
  if (host.starts_with('%') || is_address(host)) {
    return {};
  }
  return host;
}

std::string relay_host(const Settings& settings) {
  const std::string& relay = settings.text("PODPLAY_MAIL_RELAY");
  if (settings.text("PODPLAY_MAIL_OUTBOUND") != "relay" || relay.starts_with('[') ||
      !settings.list("PODPLAY_DNS_FORWARDERS").empty()) {
    return {};
  }
  std::string host = relay.substr(0, relay.find(':'));
  return is_address(host) ? "" : host;
}

Result<std::string> with_outside_hosts(std::string manifest, const Settings& settings) {
  const std::size_t place = manifest.find(kEmptyAliases);
  std::string aliases;
  for (const auto& [setting, host] :
       {std::pair{"PODPLAY_DATABASE_URL", database_host(settings.secret("PODPLAY_DATABASE_URL"))},
        std::pair{"PODPLAY_MAIL_RELAY", relay_host(settings)}}) {
    if (host.empty()) {
      continue;
    }
    if (place == manifest.npos) {
      return fail(ErrorKind::invalid, "manifest", "the manifest has no line `hostAliases: []`",
                  "compare it with deploy/pod.yaml of this version");
    }
    TRY(const auto address, address_of(setting, host));
    aliases += fmt::format("    - ip: \"{}\"\n      hostnames: [\"{}\"]\n", address, host);
  }
  if (!aliases.empty()) {
    manifest.replace(place, kEmptyAliases.size(), "  hostAliases:\n" + aliases);
  }
  return manifest;
}

}  // namespace podplay::pod
