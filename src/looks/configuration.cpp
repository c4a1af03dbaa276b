// The files that the daemons of a service read. Whatever looks like a secret in them is hidden
// before they leave the container.
#include <algorithm>

#include "base/files.hpp"
#include "logs/redaction.hpp"
#include "looks/rows.hpp"

namespace podplay::looks {
namespace {

// Octets of one file, and of all.
constexpr std::size_t kMostOfAFile = 128U << 10;
constexpr std::size_t kMostOfAll = 1536U << 10;

}  // namespace

LookJson look_at_configuration(const LookPlace& place, const LookQuestion&) {
  LookJson rows = LookJson::array();
  if (place.files.empty()) {
    return {{"files", std::move(rows)}, {"note", "this service has no generated files"}};
  }
  RealFiles files;
  const auto paths = files.list_tree(place.files);
  if (!paths) {
    return {{"files", std::move(rows)}, {"error", paths.error().message}};
  }
  std::size_t left = kMostOfAll;
  std::size_t left_out = 0;
  for (const std::string& path : *paths) {
    // The release's own notes (agent/pipe/releases.hpp).
    if (path.starts_with('.')) {
      continue;
    }
    auto content = left > 0 ? files.read(place.files + "/" + path) : std::string();
    if (left == 0 || !content) {
      ++left_out;
      continue;
    }
    const std::size_t bytes = content->size();
    const std::size_t most = std::min(kMostOfAFile, left);
    const bool cut = bytes > most;
    if (cut) {
      content->resize(most);
    }
    left -= content->size();
    rows.push_back(
        {{"path", path}, {"bytes", bytes}, {"cut", cut}, {"text", logs::redact(*content)}});
  }
  return {{"files", std::move(rows)}, {"left_out", left_out}};
}

}  // namespace podplay::looks
