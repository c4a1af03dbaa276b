// What name servers say of a public name: the first resolver that answers is believed. Tells "no
// such name" and "no such record" from "could not be asked", which say nothing about each other.
#pragma once

#include <chrono>
#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "net/dns.hpp"

namespace podplay::net {

struct DnsServer {
  // An IP address.
  std::string address;
  int port = 53;
  bool operator==(const DnsServer&) const = default;
};
// "192.0.2.53", "192.0.2.53:5353", "2001:db8::53", "[2001:db8::53]:5353".
Result<DnsServer> parse_dns_server(std::string_view text);
// Whether the system's own resolver knows an address of the host, as HttpClient asks it.
bool has_address(const std::string& host);
// Those of a resolv.conf(5).
std::vector<DnsServer> servers_of_resolv_conf(std::string_view text);

// found: `data` has records. no_data: the name exists, or may, without records of this type.
// no_such_name: neither it nor anything below it exists (RFC 8020). not_asked: nobody knows.
enum class LookupOutcome { found, no_data, no_such_name, not_asked };

struct Lookup {
  LookupOutcome outcome = LookupOutcome::not_asked;
  // Presentation format, sorted; names in it are in lower case and have no trailing dot.
  std::vector<std::string> data{};
  // Where the name's CNAMEs lead, without trailing dot; the name itself without any.
  std::string end{};
  // Of not_asked: why, in words.
  std::string why{};
};

struct ResolverOptions {
  std::vector<DnsServer> servers;
  // Of one question to one server, asked again once over UDP.
  std::chrono::milliseconds timeout{2000};
  // No question is begun after it.
  std::chrono::steady_clock::time_point deadline = std::chrono::steady_clock::time_point::max();
};

// Not for two threads at once.
class Resolver {
 public:
  explicit Resolver(ResolverOptions options) : options_(std::move(options)) {}

  // `type` as dns_query() takes it. Follows CNAMEs, also those that a server does not follow.
  Lookup ask(const std::string& name, const std::string& type);
  // Every server was asked and none sent anything: asking on would only cost time.
  bool silent() const { return silent_; }

 private:
  Result<DnsAnswer> ask_server(const DnsServer& server, const std::string& name,
                               const std::string& type) const;
  Result<DnsAnswer> ask_any(const std::string& name, const std::string& type);

  // The one that answered last stands first.
  ResolverOptions options_;
  bool silent_ = false;
};

}  // namespace podplay::net
