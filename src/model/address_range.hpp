// A range of IP addresses: one address, or a network in CIDR notation (RFC 4632, RFC 4291 section
// 2.3). An IPv4 address is the same as its IPv4-mapped IPv6 address.
#pragma once

#include <array>
#include <cstdint>
#include <string>
#include <string_view>

#include "base/result.hpp"

namespace podplay {

class AddressRange {
 public:
  // "192.0.2.7", "192.0.2.0/24", "2001:db8::/32". Bits behind the prefix are not kept.
  static Result<AddressRange> parse(std::string_view text, std::string_view field = "network");
  bool contains(std::string_view address) const;
  bool is_within(const AddressRange& other) const;
  // As parse() takes it.
  const std::string& text() const { return text_; }
  bool operator==(const AddressRange&) const = default;

 private:
  AddressRange() = default;
  bool covers(const std::array<std::uint8_t, 16>& address) const;

  // IPv4 as ::ffff:a.b.c.d.
  std::array<std::uint8_t, 16> first_{};
  // Of the IPv6 form: 0 to 128.
  int bits_ = 128;
  std::string text_;
};

}  // namespace podplay
