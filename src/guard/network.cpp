// A pod's container sees forwarded connections as coming from the gateway of the pod's network, or
// from one of its own addresses (rootless podman), or from loopback.
#include "guard/network.hpp"

#include <arpa/inet.h>
#include <ifaddrs.h>
#include <netinet/in.h>
#include <sys/socket.h>

#include <algorithm>
#include <array>
#include <cstring>
#include <fstream>
#include <sstream>

#include "base/numbers.hpp"

namespace podplay::guard {
namespace {

using V4 = in_addr;
using V6 = in6_addr;

std::string text_of(const V4& address) {
  char text[INET_ADDRSTRLEN];
  return ::inet_ntop(AF_INET, &address, text, sizeof text) == nullptr ? "" : text;
}

std::string text_of(const V6& address) {
  char text[INET6_ADDRSTRLEN];
  return ::inet_ntop(AF_INET6, &address, text, sizeof text) == nullptr ? "" : text;
}

std::string without_zone(std::string_view address) {
  return std::string(address.substr(0, address.find('%')));
}

// /proc/net/route: the third column is the gateway in the machine's byte order, in hex.
void add_gateways_v4(std::vector<std::string>& found) {
  std::ifstream in("/proc/net/route");
  std::string line;
  std::getline(in, line);
  while (std::getline(in, line)) {
    std::istringstream columns(line);
    std::string interface, destination, gateway;
    columns >> interface >> destination >> gateway;
    V4 address{};
    address.s_addr = parse_number<in_addr_t>(gateway, 16).value_or(0);
    if (address.s_addr != 0) {
      found.push_back(text_of(address));
    }
  }
}

// /proc/net/ipv6_route: the fifth column is the gateway, 32 hex digits.
void add_gateways_v6(std::vector<std::string>& found) {
  std::ifstream in("/proc/net/ipv6_route");
  std::string line;
  while (std::getline(in, line)) {
    std::istringstream columns(line);
    std::array<std::string, 5> column;
    for (std::string& one : column) {
      columns >> one;
    }
    V6 address{};
    for (std::size_t i = 0; i < sizeof address.s6_addr && column[4].size() == 32; ++i) {
      const std::string octet = column[4].substr(2 * i, 2);
      address.s6_addr[i] = parse_number<std::uint8_t>(octet, 16).value_or(0);
    }
    if (!IN6_IS_ADDR_UNSPECIFIED(&address)) {
      found.push_back(text_of(address));
    }
  }
}

void add_own(std::vector<std::string>& found) {
  ifaddrs* list = nullptr;
  if (::getifaddrs(&list) != 0) {
    return;
  }
  for (const ifaddrs* one = list; one != nullptr; one = one->ifa_next) {
    if (one->ifa_addr == nullptr) {
      continue;
    }
    if (one->ifa_addr->sa_family == AF_INET) {
      found.push_back(text_of(reinterpret_cast<const sockaddr_in*>(one->ifa_addr)->sin_addr));
    } else if (one->ifa_addr->sa_family == AF_INET6) {
      found.push_back(text_of(reinterpret_cast<const sockaddr_in6*>(one->ifa_addr)->sin6_addr));
    }
  }
  ::freeifaddrs(list);
}

bool is_loopback(const std::string& network) {
  return network.starts_with("127.") || network == "::/64";
}

}  // namespace

std::string network_of(std::string_view address) {
  const std::string text = without_zone(address);
  V4 v4{};
  if (::inet_pton(AF_INET, text.c_str(), &v4) == 1) {
    return text_of(v4);
  }
  V6 v6{};
  if (::inet_pton(AF_INET6, text.c_str(), &v6) != 1) {
    return {};
  }
  if (IN6_IS_ADDR_V4MAPPED(&v6)) {
    std::memcpy(&v4, v6.s6_addr + 12, sizeof v4);
    return text_of(v4);
  }
  std::fill(v6.s6_addr + 8, v6.s6_addr + 16, std::uint8_t{0});
  return text_of(v6) + "/64";
}

std::vector<std::string> forwarding_addresses() {
  std::vector<std::string> found;
  add_gateways_v4(found);
  add_gateways_v6(found);
  add_own(found);
  return found;
}

SharedAddresses::SharedAddresses(const std::vector<std::string>& addresses) {
  for (const std::string& address : addresses) {
    networks_.insert(network_of(address));
  }
}

std::string SharedAddresses::network_of_one(std::string_view address) const {
  std::string network = network_of(address);
  if (is_loopback(network) || networks_.contains(network)) {
    return {};
  }
  return network;
}

}  // namespace podplay::guard
