// Which network a client's address stands for, and which addresses stand for nobody: those behind
// which a port forward or a proxy hides its clients.
#pragma once

#include <set>
#include <string>
#include <string_view>
#include <vector>

namespace podplay::guard {

// "192.0.2.7" for IPv4 (also for ::ffff:192.0.2.7), "2001:db8:1:2::/64" for IPv6: one customer has
// a whole /64. Empty when the text is no address.
std::string network_of(std::string_view address);

// The addresses from which a port forward reaches this network namespace: its own ones, and its
// gateways. Loopback is always shared and is not among them. Read from the system.
std::vector<std::string> forwarding_addresses();

// For any thread, since it is constant after construction.
class SharedAddresses {
 public:
  SharedAddresses() = default;
  explicit SharedAddresses(const std::vector<std::string>& addresses);

  // The network of a client that can be told from others. Empty: the address is shared, or none.
  std::string network_of_one(std::string_view address) const;

 private:
  std::set<std::string> networks_;
};

}  // namespace podplay::guard
