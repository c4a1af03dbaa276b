// A damaged file makes daemons hang or fail without saying why, so the agent looks for damage
// itself. A file that is only locked or unreadable at the moment is not called damaged, because a
// damaged file is deleted.
#include "agent/replica/check.hpp"

#include <fmt/format.h>

#include "agent/replica/statements.hpp"

namespace podplay::agent {

Status check_database(const std::string& path) {
  Database database(path);
  std::string words;
  Status read = database.open(Database::Access::read_only);
  if (read) {
    read = database.query("PRAGMA quick_check(1)", [&](char** columns) { words = columns[0]; });
  }
  if (!read) {
    if (!database.damaged()) {
      return {};
    }
    words = database.words();
  }
  if (words == "ok") {
    return {};
  }
  return fail(ErrorKind::io, kDirectoryDamaged,
              fmt::format("the directory {} is damaged: {}", path, words),
              "the agent starts again and makes it anew; check the disk with dmesg and smartctl");
}

}  // namespace podplay::agent
