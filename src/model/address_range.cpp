// Every address is kept as sixteen octets, so one comparison serves both families.
#include "model/address_range.hpp"

#include <arpa/inet.h>
#include <fmt/format.h>

#include <algorithm>
#include <cstring>
#include <optional>

#include "base/numbers.hpp"

namespace podplay {
namespace {

using Octets = std::array<std::uint8_t, 16>;

constexpr Octets kMapped{0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff};
constexpr int kMappedBits = 96;
constexpr std::size_t kLongest = 64;

bool is_mapped(const Octets& octets) {
  return std::equal(octets.begin(), octets.begin() + 12, kMapped.begin());
}

std::optional<Octets> octets_of(std::string_view text) {
  const std::string address(text.substr(0, kLongest));
  Octets octets = kMapped;
  if (::inet_pton(AF_INET, address.c_str(), octets.data() + 12) == 1 ||
      ::inet_pton(AF_INET6, address.c_str(), octets.data()) == 1) {
    return octets;
  }
  return std::nullopt;
}

void clear_behind(Octets& octets, int bits) {
  for (int at = 0; at < 16; ++at) {
    const int kept = std::clamp(bits - at * 8, 0, 8);
    octets[static_cast<std::size_t>(at)] &= static_cast<std::uint8_t>(0xff00U >> kept);
  }
}

std::string to_text(const Octets& octets, int bits) {
  const bool four = is_mapped(octets) && bits >= kMappedBits;
  char text[INET6_ADDRSTRLEN] = {};
  const void* from = octets.data() + (four ? 12 : 0);
  ::inet_ntop(four ? AF_INET : AF_INET6, from, text, sizeof text);
  if (bits == 128) {
    return text;
  }
  return fmt::format("{}/{}", text, four ? bits - kMappedBits : bits);
}

std::unexpected<Error> no_range(std::string_view text, std::string_view field) {
  return fail_faults(
      {{.field = std::string(field),
        .code = "bad_network",
        .message = fmt::format("'{}' is no address and no network", text.substr(0, kLongest)),
        .remedy = "give an IP address, or a network such as 192.0.2.0/24 or "
                  "2001:db8::/32"}});
}

}  // namespace

Result<AddressRange> AddressRange::parse(std::string_view text, std::string_view field) {
  const std::size_t slash = std::min(text.find('/'), text.size());
  auto octets = octets_of(text.substr(0, slash));
  if (!octets || text.find('\0') != text.npos) {
    return no_range(text, field);
  }
  const bool four = text.substr(0, slash).find(':') == text.npos;
  AddressRange range;
  if (slash < text.size()) {
    const auto bits = parse_number<int>(text.substr(slash + 1));
    if (!bits || *bits < 0 || *bits > (four ? 32 : 128)) {
      return no_range(text, field);
    }
    range.bits_ = *bits + (four ? kMappedBits : 0);
  }
  clear_behind(*octets, range.bits_);
  range.first_ = *octets;
  range.text_ = to_text(*octets, range.bits_);
  return range;
}

bool AddressRange::contains(std::string_view address) const {
  const auto octets = octets_of(address);
  return octets && covers(*octets);
}

bool AddressRange::is_within(const AddressRange& other) const {
  return bits_ >= other.bits_ && other.covers(first_);
}

bool AddressRange::covers(const Octets& address) const {
  Octets masked = address;
  clear_behind(masked, bits_);
  return masked == first_;
}

}  // namespace podplay
