// The looked-up tables and their change feed. The control plane numbers every change of a row with a growing
// sequence; a replica that has applied all rows up to `seq` is complete. A row appears once, with its newest sequence.
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
  std::string key;       // domain name, e-mail address, or alias address
  bool deleted = false;  // nothing below is set then
  bool enabled = true;
  std::string password_hash;         // mailbox: $argon2id$...
  std::int64_t quota = 0;            // mailbox: bytes, 0 unlimited
  std::vector<std::string> targets;  // alias
  std::int64_t owner = 0;            // mailbox: id of its user; with another owner it is another mailbox. 0: not known
};

// One answer of the feed: rows with seq > the asked one, in order.
struct DirectoryBatch {
  std::vector<DirectoryRow> rows;
  std::uint64_t seq = 0;  // of the last row, or the asked one when empty
  bool complete = true;   // false: ask again at once, there is more
  Revision revision = 0;  // all directory changes up to this revision are in, when complete
};

}  // namespace podplay
