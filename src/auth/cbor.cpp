// Skipping a value counts what is still to be skipped instead of calling itself, so that nesting
// costs no stack.
#include "auth/cbor.hpp"

#include <cstdint>

namespace podplay::auth {
namespace {

// Major types (RFC 8949 section 3.1).
constexpr unsigned kBytes = 2;
constexpr unsigned kText = 3;
constexpr unsigned kArray = 4;
constexpr unsigned kMap = 5;
constexpr unsigned kTag = 6;

struct Head {
  unsigned major = 0;
  // The value, the length or the number of elements.
  std::uint64_t argument = 0;
};

class Reader {
 public:
  explicit Reader(std::string_view data) : rest_(data) {}

  bool at_end() const { return rest_.empty(); }

  // Fails at an indefinite length, which authenticators do not use (CTAP 2.1 section 8).
  std::optional<Head> head() {
    if (rest_.empty()) {
      return std::nullopt;
    }
    const unsigned first = static_cast<unsigned char>(rest_.front());
    rest_.remove_prefix(1);
    Head found{.major = first >> 5U, .argument = first & 31U};
    if (found.argument < 24) {
      return found;
    }
    if (found.argument > 27) {
      return std::nullopt;
    }
    const std::size_t size = std::size_t{1} << (found.argument - 24);
    if (rest_.size() < size) {
      return std::nullopt;
    }
    found.argument = 0;
    for (std::size_t i = 0; i < size; ++i) {
      found.argument = found.argument << 8U | static_cast<unsigned char>(rest_[i]);
    }
    rest_.remove_prefix(size);
    return found;
  }

  std::optional<std::string_view> take(std::uint64_t size) {
    if (size > rest_.size()) {
      return std::nullopt;
    }
    const std::string_view taken = rest_.substr(0, size);
    rest_.remove_prefix(size);
    return taken;
  }

  bool skip_value() {
    for (std::uint64_t left = 1; left > 0; --left) {
      const auto next = head();
      const bool holds_values = next && (next->major == kArray || next->major == kMap);
      if (!next || (holds_values && next->argument > rest_.size())) {
        return false;
      }
      switch (next->major) {
        case kBytes:
        case kText:
          if (!take(next->argument)) {
            return false;
          }
          break;
        case kArray: left += next->argument; break;
        case kMap: left += 2 * next->argument; break;
        case kTag: left += 1; break;
        default: break;
      }
      // Each value needs an octet at least, so more of them than octets are an error.
      if (left - 1 > rest_.size()) {
        return false;
      }
    }
    return true;
  }

 private:
  std::string_view rest_;
};

}  // namespace

bool is_cbor(std::string_view data) {
  Reader reader(data);
  while (!reader.at_end()) {
    if (!reader.skip_value()) {
      return false;
    }
  }
  return true;
}

std::optional<std::string> cbor_octets_of(std::string_view data, std::string_view name) {
  Reader reader(data);
  const auto map = reader.head();
  if (!map || map->major != kMap) {
    return std::nullopt;
  }
  std::optional<std::string> found;
  for (std::uint64_t i = 0; i < map->argument; ++i) {
    const auto key_head = reader.head();
    if (!key_head || key_head->major != kText) {
      return std::nullopt;
    }
    const auto key = reader.take(key_head->argument);
    if (!key) {
      return std::nullopt;
    }
    if (*key != name) {
      if (!reader.skip_value()) {
        return std::nullopt;
      }
      continue;
    }
    const auto value_head = reader.head();
    if (!value_head || value_head->major != kBytes || found) {
      return std::nullopt;
    }
    const auto value = reader.take(value_head->argument);
    if (!value) {
      return std::nullopt;
    }
    found = std::string(*value);
  }
  return reader.at_end() ? found : std::nullopt;
}

}  // namespace podplay::auth
