// Sizes in bytes. A size that does not fit into 63 bits is refused, never cut.
#include "base/numbers.hpp"

#include <fmt/format.h>

#include <cctype>
#include <limits>

namespace podplay {

Result<std::int64_t> parse_bytes(std::string_view given) {
  std::string_view text = given;
  int shift = 0;
  if (!text.empty()) {
    constexpr std::string_view kUnits = "KMGT";
    const int last = std::toupper(static_cast<unsigned char>(text.back()));
    const std::size_t unit = kUnits.find(static_cast<char>(last));
    if (unit != kUnits.npos) {
      shift = 10 * (static_cast<int>(unit) + 1);
      text.remove_suffix(1);
    }
  }
  const auto number = parse_number<std::int64_t>(text);
  const std::int64_t most = std::numeric_limits<std::int64_t>::max() >> shift;
  if (!number || *number < 0 || *number > most) {
    return fail(ErrorKind::invalid, "bad_size", fmt::format("'{}' is not a size", given),
                "write bytes, or a whole number with K, M, G or T: 1536M, not 1.5G");
  }
  return *number << shift;
}

}  // namespace podplay
