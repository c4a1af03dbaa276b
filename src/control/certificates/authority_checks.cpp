// Let's Encrypt's rules are known in advance. Other authorities have their own, so that nothing is
// said about what they sign.
#include "control/certificates/authority_checks.hpp"

#include <arpa/inet.h>
#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cstdlib>

#include "acme/client.hpp"
#include "net/resolver.hpp"

namespace podplay::control {
namespace {

using namespace std::chrono;

constexpr milliseconds kTimeout{4000};
constexpr milliseconds kClockOff = 60s;
constexpr milliseconds kClockWrong = 1h;

// letsencrypt.org/docs/profiles: other profiles have their own number of names.
constexpr std::size_t kMostCheckedNames = 100;
constexpr std::size_t kMostNamesOfShort = 25;
constexpr std::string_view kProfilesOfFew[] = {"tlsserver", "shortlived"};
constexpr std::string_view kAddressProfile = "shortlived";

// RFC 2606, RFC 6761, RFC 6762, RFC 7686, RFC 8375, and what others use at home.
constexpr std::string_view kNoPublicNames[] = {
    "test", "example",   "invalid", "localhost", "local",       "lan",         "home",
    "corp", "home.arpa", "onion",   "internal",  "example.com", "example.net", "example.org"};

struct Network {
  int family;
  const char* address;
  int bits;
};
// Not global in the registries of special addresses (RFC 6890).
constexpr Network kNoPublicAddresses[] = {
    {AF_INET, "0.0.0.0", 8},      {AF_INET, "10.0.0.0", 8},      {AF_INET, "100.64.0.0", 10},
    {AF_INET, "127.0.0.0", 8},    {AF_INET, "169.254.0.0", 16},  {AF_INET, "172.16.0.0", 12},
    {AF_INET, "192.0.0.0", 24},   {AF_INET, "192.0.2.0", 24},    {AF_INET, "192.168.0.0", 16},
    {AF_INET, "198.18.0.0", 15},  {AF_INET, "198.51.100.0", 24}, {AF_INET, "203.0.113.0", 24},
    {AF_INET, "224.0.0.0", 3},    {AF_INET6, "::", 127},         {AF_INET6, "::ffff:0:0", 96},
    {AF_INET6, "2001:db8::", 32}, {AF_INET6, "fc00::", 7},       {AF_INET6, "fe80::", 10},
    {AF_INET6, "ff00::", 8}};

bool is_in(const Network& network, const std::string& address) {
  std::array<unsigned char, 16> wanted{};
  std::array<unsigned char, 16> start{};
  if (::inet_pton(network.family, address.c_str(), wanted.data()) != 1 ||
      ::inet_pton(network.family, network.address, start.data()) != 1) {
    return false;
  }
  for (int bit = 0; bit < network.bits; ++bit) {
    const auto octet = static_cast<std::size_t>(bit / 8);
    if (((wanted[octet] ^ start[octet]) & (0x80 >> bit % 8)) != 0) {
      return false;
    }
  }
  return true;
}

bool is_public(const acme::Identifier& identifier) {
  const std::string name = identifier.base();
  if (identifier.ip()) {
    return std::ranges::none_of(kNoPublicAddresses,
                                [&](const Network& network) { return is_in(network, name); });
  }
  return std::ranges::none_of(kNoPublicNames, [&](std::string_view suffix) {
    return name == suffix || name.ends_with(fmt::format(".{}", suffix));
  });
}

std::string host_of(const std::string& url) {
  const std::size_t begin = url.find("://");
  std::string host = begin == url.npos ? url : url.substr(begin + 3);
  if (host.starts_with('[')) {
    return host.substr(1, host.find(']') - 1);
  }
  return host.substr(0, host.find_first_of(":/"));
}

Finding not_reached(const AcmeAccount& account, const Error& error) {
  const std::string host = host_of(account.directory);
  if (error.code == "no_connection" && !net::has_address(host)) {
    return {.code = "authority_name_unknown",
            .fatal = true,
            .message = fmt::format("the authority's name {} cannot be looked up", host),
            .remedy =
                "give the pod resolvers that know other people's names: set "
                "PODPLAY_DNS_FORWARDERS"};
  }
  return {.code = "authority_not_reached",
          .message = fmt::format("the authority cannot be asked now: {}", error.message),
          .remedy = error.remedy.empty() ? "the order is tried again by itself" : error.remedy};
}

std::optional<Finding> check_profile(const acme::Directory& directory, const std::string& profile) {
  if (profile.empty() || directory.profiles.contains(profile)) {
    return std::nullopt;
  }
  std::string offered;
  for (const auto& [name, description] : directory.profiles) {
    offered += (offered.empty() ? "" : ", ") + name;
  }
  return Finding{.code = "profile_not_offered",
                 .fatal = true,
                 .message = fmt::format("the authority offers no profile '{}'", profile),
                 .remedy = offered.empty()
                               ? "leave the profile out: this authority has none"
                               : fmt::format("choose one of {}, or leave it out", offered)};
}

std::optional<Finding> check_clock(std::optional<milliseconds> ahead) {
  if (!ahead || abs(*ahead) <= kClockOff) {
    return std::nullopt;
  }
  return Finding{.code = "clock_off",
                 .fatal = abs(*ahead) > kClockWrong,
                 .message = fmt::format("this machine's clock is {} s {} the authority's",
                                        duration_cast<seconds>(abs(*ahead)).count(),
                                        ahead->count() > 0 ? "behind" : "ahead of"),
                 .remedy =
                     "let the host keep its time by NTP, for example with "
                     "systemd-timesyncd"};
}

}  // namespace

bool is_lets_encrypt(const std::string& directory) {
  return directory == acme::directory_url("letsencrypt").value_or("") ||
         directory == acme::directory_url("letsencrypt-staging").value_or("");
}

std::vector<Finding> check_policy(const AcmeAccount& account, const CertificateWishes& wishes,
                                  const std::vector<acme::Identifier>& identifiers) {
  const bool lets_encrypt = is_lets_encrypt(account.directory);
  const bool few =
      lets_encrypt && std::ranges::find(kProfilesOfFew, wishes.profile) != std::end(kProfilesOfFew);
  const std::size_t most = few ? kMostNamesOfShort : kMostCheckedNames;
  std::vector<Finding> findings;
  if (identifiers.size() > most) {
    findings.push_back({.code = "too_many_names",
                        .fatal = lets_encrypt,
                        .message = fmt::format("{} names are more than the {} that one "
                                               "certificate can have",
                                               identifiers.size(), most),
                        .remedy = "make several certificates, or use a wildcard"});
  }
  for (const acme::Identifier& identifier : identifiers) {
    if (!lets_encrypt) {
      break;
    }
    if (!is_public(identifier)) {
      findings.push_back({.name = identifier.text(),
                          .code = "name_not_public",
                          .fatal = true,
                          .message = fmt::format("Let's Encrypt signs only what is public, and {} "
                                                 "is for private use",
                                                 identifier.text()),
                          .remedy = "leave it out, or let the pod's own authority sign "
                                    "(issuer internal)"});
    } else if (identifier.ip() && wishes.profile != kAddressProfile) {
      findings.push_back({.name = identifier.text(),
                          .code = "profile_needed",
                          .fatal = true,
                          .message = fmt::format("Let's Encrypt signs the address {} only with "
                                                 "the profile {}",
                                                 identifier.text(), kAddressProfile),
                          .remedy = fmt::format("set the profile to {}", kAddressProfile)});
    }
  }
  return findings;
}

AuthorityView check_authority(Context& context, const AcmeAccount& account,
                              const CertificateWishes& wishes) {
  AuthorityView view;
  const auto client = acme::Client::open({.directory = account.directory,
                                          .ca = account.ca,
                                          .connect_timeout = kTimeout,
                                          .timeout = kTimeout},
                                         context.clock, context.certificate_log);
  if (!client) {
    view.findings.push_back(not_reached(account, client.error()));
    return view;
  }
  view.caa_identities = (*client)->directory().caa_identities;
  for (auto finding : {check_profile((*client)->directory(), wishes.profile),
                       check_clock((*client)->clock_ahead())}) {
    if (finding) {
      view.findings.push_back(*std::move(finding));
    }
  }
  return view;
}

}  // namespace podplay::control
