// Serials of zones, which go round in a circle.
#pragma once

#include <cstdint>

namespace podplay {

// Whether `after` comes after `before` (RFC 1982 section 3.2).
constexpr bool serial_is_after(std::uint32_t after, std::uint32_t before) {
  return after != before && after - before < 0x80000000U;
}

}  // namespace podplay
