// Only this file knows the library, libpsl, whose list is that of its package.
#include "control/certificates/registered_domain.hpp"

#include <arpa/inet.h>
#include <fmt/format.h>
#include <libpsl.h>

#include <algorithm>
#include <array>

namespace podplay::control {
namespace {

// "2001:db8:0:1::/64", or nothing when the text is no IPv6 address.
std::string network_of(const std::string& text) {
  std::array<unsigned char, 16> octets{};
  std::array<char, INET6_ADDRSTRLEN> usual{};
  if (::inet_pton(AF_INET6, text.c_str(), octets.data()) != 1) {
    return {};
  }
  std::fill(octets.begin() + 8, octets.end(), 0);
  ::inet_ntop(AF_INET6, octets.data(), usual.data(), usual.size());
  return fmt::format("{}/64", usual.data());
}

bool is_ipv4(const std::string& text) {
  std::array<unsigned char, 4> octets{};
  return ::inet_pton(AF_INET, text.c_str(), octets.data()) == 1;
}

}  // namespace

std::string registered_domain(const std::string& name) {
  const std::string base = name.starts_with("*.") ? name.substr(2) : name;
  if (is_ipv4(base)) {
    return base;
  }
  if (std::string network = network_of(base); !network.empty()) {
    return network;
  }
  const char* const found = psl_registrable_domain(psl_builtin(), base.c_str());
  return found == nullptr ? base : std::string(found);
}

}  // namespace podplay::control
