// A server that does not answer goes to the end of the list, so that it costs its time once. What a
// server sends is believed only when it looked the name up or has its zone: a referral says
// nothing.
#include "net/resolver.hpp"

#include <arpa/inet.h>
#include <fmt/format.h>
#include <netdb.h>

#include <algorithm>
#include <array>
#include <memory>
#include <optional>

#include "base/ascii.hpp"
#include "base/numbers.hpp"

namespace podplay::net {
namespace {

using std::chrono::milliseconds;
using std::chrono::steady_clock;

constexpr int kNoError = 0;
constexpr int kNoSuchName = 3;
// More CNAMEs one after another are a mistake, or a loop.
constexpr int kMostHops = 8;

bool is_address(const std::string& text) {
  std::array<unsigned char, 16> octets{};
  return ::inet_pton(AF_INET, text.c_str(), octets.data()) == 1 ||
         ::inet_pton(AF_INET6, text.c_str(), octets.data()) == 1;
}

std::string plain(std::string_view name) {
  return lower(name.substr(0, name.size() - (name.ends_with('.') ? 1 : 0)));
}

// Types whose data ends in a name.
bool names_something(std::string_view type) {
  return type == "CNAME" || type == "NS" || type == "PTR" || type == "MX";
}

// Where the CNAMEs of this answer lead; nothing when they run in a circle.
std::optional<std::string> end_of(const DnsAnswer& answer, std::string name) {
  for (int hops = 0; hops <= kMostHops; ++hops) {
    const auto next = std::ranges::find_if(answer.records, [&](const DnsRecord& record) {
      return record.type == "CNAME" && record.name == name;
    });
    if (next == answer.records.end()) {
      return name;
    }
    name = plain(next->data);
  }
  return std::nullopt;
}

std::string rcode_words(int rcode) {
  switch (rcode) {
    case 1: return "FORMERR";
    case 2: return "SERVFAIL";
    case 4: return "NOTIMP";
    case 5: return "REFUSED";
    default: return fmt::format("RCODE {}", rcode);
  }
}

Lookup not_asked(std::string end, std::string why) {
  return {.outcome = LookupOutcome::not_asked, .end = std::move(end), .why = std::move(why)};
}

}  // namespace

Result<DnsServer> parse_dns_server(std::string_view text) {
  DnsServer server{.address = std::string(text)};
  const auto bad = [text] {
    return fail(
        ErrorKind::invalid, "bad_dns_server",
        fmt::format("'{}' is not the address of a name server", text),
        "write an IP address, with :PORT behind it when that is not 53, as in [2001:db8::53]:5353");
  };
  if (is_address(server.address)) {
    return server;
  }
  const std::size_t colon = text.rfind(':');
  if (colon == text.npos) {
    return bad();
  }
  const auto port = parse_number<std::uint16_t>(text.substr(colon + 1));
  std::string_view host = text.substr(0, colon);
  const bool brackets = host.starts_with('[') && host.ends_with(']');
  if (brackets) {
    host = host.substr(1, host.size() - 2);
  }
  server.address = std::string(host);
  if (!port || *port == 0 || !is_address(server.address) ||
      brackets != (host.find(':') != host.npos)) {
    return bad();
  }
  server.port = *port;
  return server;
}

bool has_address(const std::string& host) {
  addrinfo wanted{};
  wanted.ai_socktype = SOCK_STREAM;
  addrinfo* found = nullptr;
  const int failed = ::getaddrinfo(host.c_str(), nullptr, &wanted, &found);
  const std::unique_ptr<addrinfo, decltype(&::freeaddrinfo)> owner(found, ::freeaddrinfo);
  return failed == 0;
}

std::vector<DnsServer> servers_of_resolv_conf(std::string_view text) {
  constexpr std::string_view kKeyword = "nameserver";
  std::vector<DnsServer> servers;
  while (!text.empty()) {
    std::string_view line = text.substr(0, text.find('\n'));
    text.remove_prefix(std::min(line.size() + 1, text.size()));
    if (!line.starts_with(kKeyword)) {
      continue;
    }
    line.remove_prefix(kKeyword.size());
    line.remove_prefix(std::min(line.find_first_not_of(" \t"), line.size()));
    std::string address(line.substr(0, line.find_first_of(" \t\r#;")));
    if (is_address(address)) {
      servers.push_back({.address = std::move(address)});
    }
  }
  return servers;
}

Result<DnsAnswer> Resolver::ask_server(const DnsServer& server, const std::string& name,
                                       const std::string& type) const {
  const auto query = [&](bool tcp, milliseconds timeout) {
    return dns_query(server.address, server.port, name, type, tcp, timeout, Recursion::wanted);
  };
  // A datagram may get lost.
  auto answer = query(false, options_.timeout / 2);
  if (!answer && answer.error().code == "dns_no_answer") {
    answer = query(false, options_.timeout / 2);
  }
  if (answer && answer->truncated) {
    answer = query(true, options_.timeout);
  }
  return answer;
}

Result<DnsAnswer> Resolver::ask_any(const std::string& name, const std::string& type) {
  Error last{.kind = ErrorKind::unavailable,
             .code = "dns_no_server",
             .message = "no resolver is configured"};
  std::size_t without_answer = 0;
  for (std::size_t tried = 0; tried < options_.servers.size() && !silent_; ++tried) {
    if (steady_clock::now() >= options_.deadline) {
      last.message = "the time for asking is over";
      return std::unexpected(last);
    }
    const DnsServer server = options_.servers.front();
    auto answer = ask_server(server, name, type);
    if (!answer && answer.error().kind == ErrorKind::invalid) {
      return answer;
    }
    const bool referral = answer && answer->rcode == kNoError && answer->records.empty() &&
                          !answer->authoritative && !answer->recursive;
    if (answer && !referral && (answer->rcode == kNoError || answer->rcode == kNoSuchName)) {
      return answer;
    }
    if (!answer) {
      last = answer.error();
      ++without_answer;
    } else {
      last.message = fmt::format("{} port {} answers {}", server.address, server.port,
                                 referral ? "only for its own zones" : rcode_words(answer->rcode));
    }
    std::ranges::rotate(options_.servers, options_.servers.begin() + 1);
  }
  silent_ = silent_ || (without_answer > 0 && without_answer == options_.servers.size());
  return std::unexpected(last);
}

Lookup Resolver::ask(const std::string& name, const std::string& type) {
  std::string end = plain(name);
  for (int hops = 0; hops <= kMostHops; ++hops) {
    const auto answer = ask_any(end, type);
    if (!answer) {
      return not_asked(end, silent_ ? "no resolver answers" : answer.error().message);
    }
    const std::string asked = end;
    const auto next = type == "CNAME" ? std::optional(end) : end_of(*answer, end);
    if (!next) {
      return not_asked(end, fmt::format("the CNAMEs of {} run in a circle", plain(name)));
    }
    end = *next;
    Lookup found{.outcome = LookupOutcome::found, .end = end};
    for (const DnsRecord& record : answer->records) {
      if (record.name == end && record.type == type) {
        found.data.push_back(names_something(type) ? plain(record.data) : record.data);
      }
    }
    std::ranges::sort(found.data);
    if (!found.data.empty()) {
      return found;
    }
    if (answer->rcode == kNoSuchName) {
      return {.outcome = LookupOutcome::no_such_name, .end = end};
    }
    // A server that has the alias's zone only leaves its target to the one who asks.
    if (end == asked || answer->recursive) {
      return {.outcome = LookupOutcome::no_data, .end = end};
    }
  }
  return not_asked(end, fmt::format("more than {} CNAMEs follow {}", kMostHops, plain(name)));
}

}  // namespace podplay::net
