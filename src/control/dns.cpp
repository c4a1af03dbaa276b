// Makes zones from domains and settings. The same input gives the same records in the same order.
#include "control/dns.hpp"

#include <arpa/inet.h>
#include <fmt/format.h>

#include <algorithm>
#include <array>

#include "base/ascii.hpp"

namespace podplay::control {
namespace {

// seconds
constexpr std::int64_t kTtl = 3600;

bool inside(const std::string& name, const std::string& domain) {
  return name == domain || name.ends_with("." + domain);
}

// An e-mail address as a name (RFC 1035 section 8): dots of the local part are escaped.
std::string contact_name(const std::string& email) {
  const std::size_t at = email.find('@');
  std::string name;
  for (const char c : email.substr(0, at)) {
    name += c == '.' ? std::string("\\.") : std::string(1, c);
  }
  return name + "." + email.substr(at + 1);
}

// Each record once: a secondary may have several addresses, and the name of another host.
void sort_records(Zone& zone) {
  const auto key = [](const ZoneRecord& one) { return std::tie(one.name, one.type, one.data); };
  std::ranges::sort(zone.records,
                    [&](const ZoneRecord& a, const ZoneRecord& b) { return key(a) < key(b); });
  const auto twice = std::ranges::unique(
      zone.records, [&](const ZoneRecord& a, const ZoneRecord& b) { return key(a) == key(b); });
  zone.records.erase(twice.begin(), twice.end());
}

// NS records of the secondaries, and their addresses where the zone is the one to give them.
void add_secondaries(Zone& zone, const ZoneFacts& facts) {
  for (const auto& [name, address] : facts.secondaries) {
    if (name.empty()) {
      continue;
    }
    zone.records.push_back({"@", kTtl, "NS", name + "."});
    if (inside(name, zone.name) && name != zone.name) {
      zone.records.push_back({name.substr(0, name.size() - zone.name.size() - 1), kTtl,
                              address.find(':') == address.npos ? "A" : "AAAA", address});
    }
  }
}

// RFC 1035 section 3.3.14: a text is one or more strings, each of at most 255 octets (3.3). Readers
// put them together without a space (RFC 7208 section 3.3).
std::string text_data(std::string_view text) {
  constexpr std::size_t kLongestString = 255;
  std::string data;
  for (std::size_t at = 0; at < text.size(); at += kLongestString) {
    data += fmt::format("{}\"{}\"", at == 0 ? "" : " ", text.substr(at, kLongestString));
  }
  return data;
}

}  // namespace

Secondary parse_secondary(const std::string& text) {
  const std::size_t sign = text.find('=');
  return sign == text.npos
             ? Secondary{.name = "", .address = text}
             : Secondary{.name = lower(text.substr(0, sign)), .address = text.substr(sign + 1)};
}

Zone make_zone(const std::string& domain, const ZoneFacts& facts) {
  Zone zone{.name = domain,
            .primary = "ns1." + domain,
            .contact = contact_name(facts.contact),
            .records = {}};
  const auto add = [&zone](std::string name, const char* type, std::string data) {
    zone.records.push_back({std::move(name), kTtl, type, std::move(data)});
  };
  add("@", "NS", fmt::format("ns1.{}.", domain));
  std::vector<std::string> hosts{"@", "www", "mail", "ns1", "autoconfig", "autodiscover"};
  // The hosts' own names, where they are below this domain.
  for (const std::string& name : {facts.mail_server, facts.control_host}) {
    if (!inside(name, domain) || name == domain) {
      continue;
    }
    const std::string host = name.substr(0, name.size() - domain.size() - 1);
    if (std::ranges::find(hosts, host) == hosts.end()) {
      hosts.push_back(host);
    }
  }
  for (const std::string& host : hosts) {
    if (!facts.ipv4.empty()) {
      add(host, "A", facts.ipv4);
    }
    if (!facts.ipv6.empty()) {
      add(host, "AAAA", facts.ipv6);
    }
  }
  add("@", "MX", fmt::format("10 {}.", facts.mail_server));
  add("@", "TXT", text_data("v=spf1 mx " + facts.spf));
  add("_dmarc", "TXT", text_data("v=DMARC1; p=quarantine; rua=mailto:postmaster@" + domain));
  add("_submission._tcp", "SRV", fmt::format("0 1 587 {}.", facts.mail_server));
  add("_submissions._tcp", "SRV", fmt::format("0 1 465 {}.", facts.mail_server));
  add("_imap._tcp", "SRV", fmt::format("10 1 143 {}.", facts.mail_server));
  add("_imaps._tcp", "SRV", fmt::format("0 1 993 {}.", facts.mail_server));
  add("_pop3s._tcp", "SRV", fmt::format("10 1 995 {}.", facts.mail_server));
  add("_sieve._tcp", "SRV", fmt::format("0 1 4190 {}.", facts.mail_server));
  add("_autodiscover._tcp", "SRV", fmt::format("0 1 443 autodiscover.{}.", domain));
  add_secondaries(zone, facts);
  sort_records(zone);
  return zone;
}

std::vector<Zone> make_reverse_zones(const ZoneFacts& facts) {
  std::vector<Zone> zones;
  const auto add = [&](std::string name) {
    zones.push_back({.name = std::move(name),
                     .primary = facts.mail_server,
                     .contact = contact_name(facts.contact),
                     .records = {{"@", kTtl, "NS", facts.mail_server + "."},
                                 {"@", kTtl, "PTR", facts.mail_server + "."}}});
    add_secondaries(zones.back(), facts);
    sort_records(zones.back());
  };
  std::array<unsigned char, 16> octets{};
  if (::inet_pton(AF_INET, facts.ipv4.c_str(), octets.data()) == 1) {
    add(fmt::format("{}.{}.{}.{}.in-addr.arpa", octets[3], octets[2], octets[1], octets[0]));
  }
  if (::inet_pton(AF_INET6, facts.ipv6.c_str(), octets.data()) == 1) {
    std::string name;
    for (std::size_t i = octets.size(); i-- > 0;) {
      name += fmt::format("{:x}.{:x}.", octets[i] & 15, octets[i] >> 4);
    }
    add(name + "ip6.arpa");
  }
  return zones;
}

}  // namespace podplay::control
