// Conditions are checked inside of the change's transaction, so that nothing can change the object
// between the check and the change.
#include "control/write_options.hpp"

#include <fmt/format.h>

#include <algorithm>

namespace podplay::control {

std::string etag_of(Revision revision) { return std::to_string(revision); }

bool Etags::has(const std::string& etag) const {
  return any || (!etag.empty() && std::ranges::find(tags, etag) != tags.end());
}

Status check_match(const WriteOptions& options, const std::string& etag) {
  const std::string now =
      etag.empty() ? "it has no ETag" : fmt::format("its ETag is \"{}\" now", etag);
  if (options.if_match && !options.if_match->has(etag)) {
    return fail(ErrorKind::precondition, "changed_meanwhile",
                fmt::format("If-Match names no ETag of the object: {}", now),
                "read the object again and repeat the change with its ETag");
  }
  if (options.if_none_match && options.if_none_match->has(etag)) {
    return fail(ErrorKind::precondition, "none_match",
                fmt::format("If-None-Match names the object: {}", now),
                "leave If-None-Match out to change an object that exists");
  }
  return {};
}

Status check_match(const WriteOptions& options, Revision revision) {
  return check_match(options, etag_of(revision));
}

}  // namespace podplay::control
