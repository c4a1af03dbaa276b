// The looked-up tables and their change feed. The control plane numbers every change of a row with
// a growing sequence; a replica that has applied all rows up to `seq` is complete. A row appears
// once, with its newest sequence.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "model/service.hpp"

namespace podplay {

enum class DirectoryKind { domain, mailbox, alias };
std::string_view to_text(DirectoryKind kind);
Result<DirectoryKind> parse_directory_kind(std::string_view text);

struct DirectoryRow {
  std::uint64_t seq = 0;
  Revision revision = 0;
  DirectoryKind kind = DirectoryKind::mailbox;
  // domain name, e-mail address, or alias address
  std::string key;
  // nothing below is set then
  bool deleted = false;
  bool enabled = true;
  // mailbox: $argon2id$...
  std::string password_hash;
  // mailbox: bytes, 0 unlimited
  std::int64_t quota = 0;
  // alias
  std::vector<std::string> targets;
  // mailbox: id of its user; with another owner it is another mailbox. 0: not known
  std::int64_t owner = 0;
};

// One answer of the feed: rows with seq > the asked one, in order.
struct DirectoryBatch {
  std::vector<DirectoryRow> rows;
  // of the last row, or the asked one when empty
  std::uint64_t seq = 0;
  // false: ask again at once, there is more
  bool complete = true;
  // all directory changes up to this revision are in, when complete
  Revision revision = 0;
};

}  // namespace podplay
