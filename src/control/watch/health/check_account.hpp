// The name of the check account, which nobody else may have in any domain.
#pragma once

#include <string>
#include <string_view>

#include "base/result.hpp"

namespace podplay::control {

bool is_check_address(std::string_view address);
// An Error that names the field when the address is the check account's.
Status check_not_check_account(const std::string& address, const char* field);

}  // namespace podplay::control
