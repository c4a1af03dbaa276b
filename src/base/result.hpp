// The one error type: a closed set of kinds, translated once each to HTTP status, exit code and log level.
// A function that can fail returns Result<T>; exceptions of libraries are caught where the library is called.
#pragma once

#include <expected>
#include <string>
#include <utility>
#include <vector>

namespace podplay {

enum class ErrorKind {
  invalid,       // 400/422: the input is wrong, faults name each field
  unauthorized,  // 401: no or wrong credentials
  forbidden,     // 403: known, but not allowed
  not_found,     // 404
  conflict,      // 409: exists already, or changed meanwhile
  precondition,  // 412: If-Match did not match
  too_large,     // 413
  rate_limited,  // 429
  refused,       // 422: a daemon's checker or probe refused the change; message holds its own words
  unavailable,   // 503: a part of the system is away
  timeout,       // 504: a deadline passed
  io,            // 500: file, network or database failed
  internal,      // 500: a defect of ours
};

// One thing that is wrong with one input field. `remedy` says what to do instead.
struct Fault {
  std::string field;    // JSON path or option name, e.g. "email"
  std::string code;     // stable, snake_case, e.g. "domain_missing"
  std::string message;  // one sentence that quotes the value
  std::string remedy;   // one sentence, may be empty
};

struct Error {
  ErrorKind kind = ErrorKind::internal;
  std::string code;     // stable, snake_case; what programs compare
  std::string message;  // what was attempted, on what, and why it failed
  std::string remedy;   // what to do about it, may be empty
  std::vector<Fault> faults{};
};

template <class T>
using Result = std::expected<T, Error>;
using Status = Result<void>;

inline std::unexpected<Error> fail(ErrorKind kind, std::string code, std::string message, std::string remedy = {}) {
  return std::unexpected(Error{kind, std::move(code), std::move(message), std::move(remedy), {}});
}
// All faults at once; the message is made from them when empty. A single one stands in the message, more are listed by describe().
std::unexpected<Error> fail_faults(std::vector<Fault> faults, std::string message = {});

// "message (remedy)" and every fault on a line of its own: what a person reads.
std::string describe(const Error& error);

}  // namespace podplay
