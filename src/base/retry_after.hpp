// When a refused request may be tried again, as one fault of the error, which problem documents
// show and the header Retry-After repeats (RFC 9110 section 10.2.3).
#pragma once

#include <fmt/format.h>

#include <algorithm>
#include <chrono>

#include "base/numbers.hpp"
#include "base/result.hpp"

namespace podplay {

inline void set_retry_after(Error& error, std::chrono::seconds after) {
  error.faults.push_back({.field = "",
                          .code = "retry_after",
                          .message = fmt::format("{}", after.count()),
                          .remedy = "seconds until the next try"});
}

// 0: nobody knows.
inline std::chrono::seconds retry_after(const Error& error) {
  const auto fault = std::ranges::find(error.faults, "retry_after", &Fault::code);
  return std::chrono::seconds(
      fault == error.faults.end() ? 0 : parse_number<std::int64_t>(fault->message).value_or(0));
}

}  // namespace podplay
