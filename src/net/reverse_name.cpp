// Octets, or half octets of IPv6, stand as labels, the last one first.
#include "net/reverse_name.hpp"

#include <arpa/inet.h>
#include <fmt/format.h>

namespace podplay::net {

std::string reverse_name(const std::string& address) {
  std::string name;
  unsigned char octets[16];
  if (::inet_pton(AF_INET, address.c_str(), octets) == 1) {
    for (int i = 3; i >= 0; --i) {
      name += fmt::format("{}.", octets[i]);
    }
    return name + "in-addr.arpa";
  }
  if (::inet_pton(AF_INET6, address.c_str(), octets) == 1) {
    for (int i = 15; i >= 0; --i) {
      name += fmt::format("{:x}.{:x}.", octets[i] & 15, octets[i] >> 4);
    }
    return name + "ip6.arpa";
  }
  return name;
}

}  // namespace podplay::net
