// Errors as RFC 9457 problem documents with a stable `code`, and the only translation of kinds of
// errors to HTTP statuses and back.
#pragma once

#include "base/result.hpp"
#include "wire/shape.hpp"

namespace podplay::wire {

extern const Shape kProblem;

int http_status(const Error& error);
// "Not found" for 404.
std::string_view status_title(int status);
// The first kind with this status; `invalid` or `unavailable` for a status that is not ours.
ErrorKind kind_of_status(int status);
Json to_problem(const Error& error, std::string_view request_id);
// The error in an answer with that status. A body that is no problem document gives the error
// http_STATUS.
Error error_from_problem(int status, std::string_view body);

}  // namespace podplay::wire
