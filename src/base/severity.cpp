// One table of severities. Every daemon's lines and the lines of unknown programs are read by it.
#include "base/severity.hpp"

#include <algorithm>

#include "base/ascii.hpp"

namespace podplay {
namespace {

struct Severity {
  std::string_view word;
  Level level;
};

constexpr Severity kSeverities[] = {
    {"emerg", Level::error},
    {"emergency", Level::error},
    {"alert", Level::error},
    {"crit", Level::error},
    {"critical", Level::error},
    {"panic", Level::error},
    {"fatal", Level::error},
    {"err", Level::error},
    {"error", Level::error},
    {"warn", Level::warn},
    {"warning", Level::warn},
    {"notice", Level::info},
    {"info", Level::info},
    {"debug", Level::debug},
    {"trace", Level::trace},
    // BIND's "as detailed as the server's debug level".
    {"dynamic", Level::debug},
};

}  // namespace

std::optional<Level> level_of_severity(std::string_view word) {
  const std::size_t last = word.find_last_not_of("0123456789 ");
  word = word.substr(0, last == word.npos ? 0 : last + 1);
  for (const Severity& known : kSeverities) {
    if (std::ranges::equal(word, known.word, {}, [](char c) { return lower(c); })) {
      return known.level;
    }
  }
  return std::nullopt;
}

}  // namespace podplay
