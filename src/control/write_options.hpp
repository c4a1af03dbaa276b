// How a write is carried out: as a rehearsal, or only if the object still is what the client read.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "base/result.hpp"
#include "model/service.hpp"

namespace podplay::control {

// An object's revision as text is its ETag.
std::string etag_of(Revision revision);

// The ETags that a client named (RFC 9110 section 13.1).
struct Etags {
  // "*": every object that exists.
  bool any = false;
  // Without quotes. An empty list has no object.
  std::vector<std::string> tags{};

  // `etag` is empty for an object without an ETag.
  bool has(const std::string& etag) const;
};

struct WriteOptions {
  // Commit nothing; say what would change and what the services' checkers think of it.
  bool dry_run = false;
  // When set, the object must be one of these.
  std::optional<Etags> if_match = std::nullopt;
  // When set, the object must be none of these.
  std::optional<Etags> if_none_match = std::nullopt;
};

// Fails with "changed_meanwhile" or "none_match" when a condition does not hold for the object with
// this ETag.
Status check_match(const WriteOptions& options, const std::string& etag);
Status check_match(const WriteOptions& options, Revision revision);

}  // namespace podplay::control
