// The names of the domains that this server has, which leave room for the names below them.
#pragma once

#include "model/names.hpp"

namespace podplay {

// A domain that this server can have: its zone has names below it, and each of them must fit into
// 253 octets, too.
Result<DomainName> parse_own_domain(std::string_view text, std::string_view field = "domain");

}  // namespace podplay
