// A write with If-Match changes an object only at the revision that the client has read.
#include "control/write_options.hpp"

#include <fmt/format.h>

namespace podplay::control {

Status check_match(const WriteOptions& options, Revision revision) {
  if (!options.if_match || *options.if_match == revision) {
    return {};
  }
  return fail(ErrorKind::precondition, "changed_meanwhile",
              fmt::format("the object is at revision {}, not {}", revision, *options.if_match),
              "read it again, then repeat your change");
}

}  // namespace podplay::control
