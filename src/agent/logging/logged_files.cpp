// The change itself comes first: a diff that cannot be made or shown never fails it. Secrets are
// redacted before the diff is cut.
#include "agent/logging/logged_files.hpp"

#include <fmt/format.h>

#include "logs/redaction.hpp"

namespace podplay::agent {
namespace {

// Octets. A longer diff hides the lines around it.
constexpr std::size_t kMostShown = 32U << 10;

}  // namespace

std::string shown_diff(const std::string& diff) {
  std::string shown = logs::redact(diff);
  if (shown.size() > kMostShown) {
    const std::size_t cut = shown.size() - kMostShown;
    shown = fmt::format("{}\n({} octets more)", shown.substr(0, kMostShown), cut);
  }
  return shown;
}

Status LoggedFiles::write_atomic(const std::string& path, std::string_view content, unsigned mode,
                                 const FileOwner& owner) {
  const std::string before = files_.read(path).value_or("");
  TRY(files_.write_atomic(path, content, mode, owner));
  if (before != content) {
    log_.info("a generated file changed",
              {{"path", path}, {"diff", shown_diff(unified_diff(before, content, path))}});
  }
  return {};
}

}  // namespace podplay::agent
