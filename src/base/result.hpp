// The one error type. Its kinds are a closed set, and each is translated once to an HTTP status, an
// exit code and a log level. A function that can fail returns Result<T>; exceptions of libraries
// are caught where the library is called.
#pragma once

#include <chrono>
#include <expected>
#include <string>
#include <utility>
#include <vector>

namespace podplay {

enum class ErrorKind {
  // 400: the input is wrong, and faults name each field.
  invalid,
  // 401: there are no credentials, or wrong ones.
  unauthorized,
  // 403: the user is known but may not do this.
  forbidden,
  // 404: there is no such thing.
  not_found,
  // 409: it exists already, or something else uses it.
  conflict,
  // 412: If-Match did not match, the object was changed meanwhile.
  precondition,
  // 413: the request is larger than the limit.
  too_large,
  // 429: too many attempts in a short time.
  rate_limited,
  // 422: a daemon's checker or probe refused the change; the message quotes it.
  refused,
  // 503: a part of the system does not answer.
  unavailable,
  // 504: a deadline passed.
  timeout,
  // 500: a file, the network or the database failed.
  io,
  // 500: a defect in PodPlay.
  internal,
};

// One thing that is wrong with one input field.
struct Fault {
  // The JSON path or the name of the option, such as "email".
  std::string field;
  // Stable and in snake_case, such as "domain_missing".
  std::string code;
  // One sentence that quotes the wrong value.
  std::string message;
  // One sentence that says what to do. May be empty.
  std::string remedy;
};

struct Error {
  ErrorKind kind = ErrorKind::internal;
  // Stable and in snake_case. Programs compare this one.
  std::string code;
  // Says what was attempted on what, and why it failed.
  std::string message;
  // Says what to do. May be empty.
  std::string remedy{};
  std::vector<Fault> faults{};
  // How long the other side asks us to wait before the next try; 0 when it did not say.
  std::chrono::seconds retry_after{0};
};

template <class T>
using Result = std::expected<T, Error>;
using Status = Result<void>;

inline std::unexpected<Error> fail(ErrorKind kind, std::string code, std::string message,
                                   std::string remedy = {}) {
  return std::unexpected(Error{.kind = kind,
                               .code = std::move(code),
                               .message = std::move(message),
                               .remedy = std::move(remedy)});
}
// An error of kind `invalid` with all `faults`. An empty message is made from them. A single fault
// gives the error its code and remedy and stands in the message; describe() lists several.
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

// The error for people: "message (remedy)", and each of several faults on a line of its own.
std::string describe(const Error& error);

// TRY(work());                    returns the error when work() failed.
// TRY(const auto value, work());  does the same, and otherwise declares `value` as the result.
// For functions that return Result or Status, and for lambdas with such a written return type.
#define PODPLAY_TRY_JOIN_(a, b) a##b
#define PODPLAY_TRY_NAME_(a, b) PODPLAY_TRY_JOIN_(a, b)
#define PODPLAY_TRY_STATUS_(expression)                  \
  if (auto podplay_tried = (expression); !podplay_tried) \
  return std::unexpected(std::move(podplay_tried).error())
// A declaration cannot stand in parentheses. NOLINTBEGIN(bugprone-macro-parentheses)
#define PODPLAY_TRY_DECLARE_(name, declaration, expression) \
  auto name = (expression);                                 \
  if (!name)                                                \
    return std::unexpected(std::move(name).error());        \
  declaration = *std::move(name)
// NOLINTEND(bugprone-macro-parentheses)
#define PODPLAY_TRY_VALUE_(declaration, expression) \
  PODPLAY_TRY_DECLARE_(PODPLAY_TRY_NAME_(podplay_tried_, __LINE__), declaration, expression)
#define PODPLAY_TRY_PICK_(first, second, chosen, ...) chosen
#define TRY(...) \
  PODPLAY_TRY_PICK_(__VA_ARGS__, PODPLAY_TRY_VALUE_, PODPLAY_TRY_STATUS_)(__VA_ARGS__)

}  // namespace podplay
