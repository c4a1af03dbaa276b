// The name that stands for an IP address in the DNS.
#pragma once

#include <string>

namespace podplay::net {

// "1.2.0.192.in-addr.arpa" (RFC 1035 section 3.5), or a name below ip6.arpa (RFC 3596 section 2.5).
// Empty when `address` is no IP address.
std::string reverse_name(const std::string& address);

}  // namespace podplay::net
