// Octets are looked at one by one; nothing is changed or repaired.
#include "net/header_field.hpp"

#include <algorithm>

#include "base/ascii.hpp"

namespace podplay::net {
namespace {

// RFC 9110 section 5.6.2.
bool is_token_octet(char c) {
  constexpr std::string_view kMarks = "!#$%&'*+-.^_`|~";
  return (lower(c) >= 'a' && lower(c) <= 'z') || (c >= '0' && c <= '9') ||
         kMarks.find(c) != kMarks.npos;
}

}  // namespace

bool is_header_field(std::string_view name, std::string_view value) {
  constexpr std::string_view kNever("\r\n\0", 3);
  return !name.empty() && std::ranges::all_of(name, is_token_octet) &&
         value.find_first_of(kNever) == value.npos;
}

}  // namespace podplay::net
