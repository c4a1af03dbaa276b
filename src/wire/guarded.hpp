// Reading of messages whose members must all be there.
#pragma once

#include <fmt/format.h>

#include <nlohmann/json.hpp>

#include "base/result.hpp"

namespace podplay::wire {

// Runs `read`, and turns a missing or mistyped member into an Error (invalid, bad_message). `what`
// is the message's name for people.
template <class Read>
auto guarded(const char* what, Read read) -> decltype(read()) {
  try {
    return read();
  } catch (const nlohmann::json::exception& error) {
    return fail(ErrorKind::invalid, "bad_message",
                fmt::format("this is not a {}: {}", what, error.what()));
  }
}

}  // namespace podplay::wire
