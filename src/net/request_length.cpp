// Reads only what decides about the length (RFC 9112 section 6). A head that is wrong counts as
// whole: the server answers it with an error.
#include "net/request_length.hpp"

#include <algorithm>
#include <array>
#include <optional>

#include "base/ascii.hpp"
#include "base/numbers.hpp"

namespace podplay::net {
namespace {

std::string_view trimmed(std::string_view text) {
  const std::size_t first = text.find_first_not_of(" \t");
  const std::size_t last = text.find_last_not_of(" \t\r");
  return first == text.npos || last == text.npos ? std::string_view()
                                                 : text.substr(first, last - first + 1);
}

// The value of a header field; nothing when the head has none of this name.
std::optional<std::string_view> length_field(std::string_view head, std::string_view name) {
  for (std::size_t at = head.find('\n'); at != head.npos; at = head.find('\n', at)) {
    ++at;
    const std::string_view line = head.substr(at, head.find('\n', at) - at);
    const std::size_t colon = line.find(':');
    if (colon == name.size() && lower(line.substr(0, colon)) == name) {
      return trimmed(line.substr(colon + 1));
    }
  }
  return std::nullopt;
}

// Other methods have no body here, and the server answers one that has with an error.
bool may_have_body(std::string_view head) {
  constexpr std::array<std::string_view, 4> kMethods{"POST ", "PUT ", "PATCH ", "DELETE "};
  return std::ranges::any_of(kMethods, [&](auto method) { return head.starts_with(method); });
}

}  // namespace

Arrival judge_arrival(std::string_view octets) {
  const std::size_t end = octets.substr(0, kLongestHead).find(kEndOfHead);
  if (end == octets.npos) {
    return octets.size() < kLongestHead ? Arrival::incomplete : Arrival::too_long;
  }
  const std::string_view head = octets.substr(0, end);
  const auto length_text = length_field(head, "content-length");
  if (!length_text || !may_have_body(head) || length_field(head, "transfer-encoding")) {
    return Arrival::whole;
  }
  const auto length = parse_number<std::size_t>(*length_text);
  if (!length || *length > kSmallBody || octets.size() - (end + kEndOfHead.size()) >= *length) {
    return Arrival::whole;
  }
  return length_field(head, "expect") ? Arrival::expects : Arrival::incomplete;
}

}  // namespace podplay::net
