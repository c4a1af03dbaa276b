// One DNS question to one server, over UDP or TCP (RFC 1035 section 4), for probes. No resolver, no
// cache.
#pragma once

#include <chrono>
#include <string>
#include <vector>

#include "base/result.hpp"

namespace podplay::net {

struct DnsAnswer {
  // RFC 1035 section 4.1.1; 0 NOERROR, 3 NXDOMAIN, 5 REFUSED
  int rcode = 0;
  bool authoritative = false;
  // presentation format of the answers of the asked type
  std::vector<std::string> data;
};

Result<DnsAnswer> dns_query(const std::string& address, int port, const std::string& name,
                            const std::string& type, bool tcp, std::chrono::milliseconds timeout);

}  // namespace podplay::net
