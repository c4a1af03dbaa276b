// The one error type: a closed set of kinds, translated once each to HTTP status, exit code and log
// level. A function that can fail returns Result<T>; exceptions of libraries are caught where the
// library is called.
#pragma once

#include <expected>
#include <string>
#include <utility>
#include <vector>

namespace podplay {

enum class ErrorKind {
  // 400/422: the input is wrong, faults name each field
  invalid,
  // 401: no or wrong credentials
  unauthorized,
  // 403: known, but not allowed
  forbidden,
  // 404
  not_found,
  // 409: exists already, or changed meanwhile
  conflict,
  // 412: If-Match did not match
  precondition,
  // 413
  too_large,
  // 429
  rate_limited,
  // 422: a daemon's checker or probe refused the change; message holds its own words
  refused,
  // 503: a part of the system is away
  unavailable,
  // 504: a deadline passed
  timeout,
  // 500: file, network or database failed
  io,
  // 500: a defect of ours
  internal,
};

// One thing that is wrong with one input field. `remedy` says what to do instead.
struct Fault {
  // JSON path or option name, e.g. "email"
  std::string field;
  // stable, snake_case, e.g. "domain_missing"
  std::string code;
  // one sentence that quotes the value
  std::string message;
  // one sentence, may be empty
  std::string remedy;
};

struct Error {
  ErrorKind kind = ErrorKind::internal;
  // stable, snake_case; what programs compare
  std::string code;
  // what was attempted, on what, and why it failed
  std::string message;
  // what to do about it, may be empty
  std::string remedy;
  std::vector<Fault> faults{};
};

template <class T>
using Result = std::expected<T, Error>;
using Status = Result<void>;

inline std::unexpected<Error> fail(ErrorKind kind, std::string code, std::string message,
                                   std::string remedy = {}) {
  return std::unexpected(Error{kind, std::move(code), std::move(message), std::move(remedy), {}});
}
// All faults at once; the message is made from them when empty. A single one stands in the message,
// more are listed by describe().
std::unexpected<Error> fail_faults(std::vector<Fault> faults, std::string message = {});

// OK without faults, else fail_faults(): TRY(no_faults(std::move(faults))).
Status no_faults(std::vector<Fault> faults, std::string message = {});
// Adds what is wrong to `faults`. An error that names no field is added as a fault without a field,
// so that it is not lost.
void collect(std::vector<Fault>& faults, const Error& error);
template <class T>
void collect(std::vector<Fault>& faults, const Result<T>& tried) {
  if (!tried) {
    collect(faults, tried.error());
  }
}

// "message (remedy)" and every fault on a line of its own: what a person reads.
std::string describe(const Error& error);

// TRY(work());                    leaves the function with the error when work() failed.
// TRY(const auto value, work());  the same, and else declares `value` as what work() gave.
// For functions, and lambdas with a written return type, that return Result or Status.
#define PODPLAY_TRY_JOIN_(a, b) a##b
#define PODPLAY_TRY_NAME_(a, b) PODPLAY_TRY_JOIN_(a, b)
#define PODPLAY_TRY_STATUS_(expression)                  \
  if (auto podplay_tried = (expression); !podplay_tried) \
  return std::unexpected(std::move(podplay_tried).error())
#define PODPLAY_TRY_DECLARE_(name, declaration, expression) \
  auto name = (expression);                                 \
  if (!name)                                                \
    return std::unexpected(std::move(name).error());        \
  declaration = *std::move(name)
#define PODPLAY_TRY_VALUE_(declaration, expression) \
  PODPLAY_TRY_DECLARE_(PODPLAY_TRY_NAME_(podplay_tried_, __LINE__), declaration, expression)
#define PODPLAY_TRY_PICK_(first, second, chosen, ...) chosen
#define TRY(...) \
  PODPLAY_TRY_PICK_(__VA_ARGS__, PODPLAY_TRY_VALUE_, PODPLAY_TRY_STATUS_)(__VA_ARGS__)

}  // namespace podplay
