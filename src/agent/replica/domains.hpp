// The domains of a replica, for those who do not own it.
#pragma once

#include <string>
#include <vector>

#include "base/result.hpp"

namespace podplay::agent {

// The names of the domains that take mail, read through a connection of its own.
Result<std::vector<std::string>> enabled_domains(const std::string& replica);

}  // namespace podplay::agent
