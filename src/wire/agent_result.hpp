// Reading what an agent's command answered. A result that lacks a member is a defect of ours, not
// of the user: it is reported as such.
#pragma once

#include <fmt/format.h>

#include <string>

#include "wire/shape.hpp"

namespace podplay::wire {

// `what` is "list of the queue". `read` may throw what nlohmann throws for missing and mistyped
// members.
template <class T>
Result<T> parse_result(const char* what, const std::string& text, T (*read)(const Json&)) {
  try {
    return read(Json::parse(text));
  } catch (const Json::exception& error) {
    return fail(ErrorKind::internal, "bad_result",
                fmt::format("the agent's {} cannot be read: {}", what, error.what()),
                "check that agent and control plane are of the same version");
  }
}

}  // namespace podplay::wire
