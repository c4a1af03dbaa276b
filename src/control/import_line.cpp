// An import is all or nothing. So every fault without a remedy of its own has the same one: fix the
// line and send everything again.
#include "control/import_line.hpp"

#include <fmt/format.h>

namespace podplay::control {

Error at_line(Error error, std::int64_t number) {
  error.message = fmt::format("line {}: {}", number, error.message);
  if (error.remedy.empty()) {
    error.remedy = "nothing was imported; fix the line and send everything again";
  }
  return error;
}

}  // namespace podplay::control
