// How a write is carried out: as a rehearsal, or only if the object has not changed since it was
// read.
#pragma once

#include <optional>

#include "base/result.hpp"
#include "model/service.hpp"

namespace podplay::control {

struct WriteOptions {
  // Commit nothing; say what would change and what the services' checkers think of it.
  bool dry_run = false;
  // When set, the object must be at exactly this revision (RFC 9110 section 13.1.1). No object is
  // at revision 0, so 0 never matches.
  std::optional<Revision> if_match = std::nullopt;
};

// Fails with "changed_meanwhile" when the object's `revision` is not the one that was asked for.
Status check_match(const WriteOptions& options, Revision revision);

}  // namespace podplay::control
