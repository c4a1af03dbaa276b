// One DNS question to one server, over UDP or TCP (RFC 1035 section 4). Nothing is asked again and
// nothing is kept: net/resolver.hpp does that for names of the public.
#pragma once

#include <chrono>
#include <cstdint>
#include <string>
#include <vector>

#include "base/result.hpp"

namespace podplay::net {

struct DnsRecord {
  // Without the trailing dot, in lower case.
  std::string name;
  std::string type;
  // Presentation format.
  std::string data;
};

struct DnsAnswer {
  // RFC 1035 section 4.1.1: 0 is NOERROR, 3 NXDOMAIN, 5 REFUSED.
  int rcode = 0;
  bool authoritative = false;
  // The answer did not fit (RFC 2181 section 9): ask over TCP.
  bool truncated = false;
  // The server looks up other people's names (RFC 1035 section 4.1.1, RA).
  bool recursive = false;
  // In seconds, of the first of `data`.
  std::uint32_t ttl = 0;
  // The answers of the asked name and type in presentation format; a CNAME's target is left out.
  std::vector<std::string> data;
  // The whole answer section, in its order: CNAMEs and what they lead to as well.
  std::vector<DnsRecord> records;
};

// What the server itself knows, or what it finds out for us (RFC 1035 section 4.1.1, RD).
enum class Recursion { none, wanted };

// `type` is the name of a usual type, or "TYPEn" (RFC 3597), whose data is not readable text.
// `address` is an IP address.
Result<DnsAnswer> dns_query(const std::string& address, int port, const std::string& name,
                            const std::string& type, bool tcp, std::chrono::milliseconds timeout,
                            Recursion recursion = Recursion::none);

}  // namespace podplay::net
