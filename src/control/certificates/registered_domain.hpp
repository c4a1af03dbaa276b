// What was bought from a registrar: the unit in which authorities count names.
#pragma once

#include <string>

namespace podplay::control {

// "example.co.uk" for "www.example.co.uk", by the Public Suffix List; the name itself where that
// has no answer. Of an IPv6 address its /64, of an IPv4 address itself. `name` as in an order.
std::string registered_domain(const std::string& name);

}  // namespace podplay::control
