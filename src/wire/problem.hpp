// Errors on the wire: RFC 9457 problem documents with a stable `code`. One translation to HTTP
// status and back.
#pragma once

#include "base/result.hpp"
#include "wire/shape.hpp"

namespace podplay::wire {

int http_status(ErrorKind kind);
ErrorKind kind_of_status(int status);
Json to_problem(const Error& error, std::string_view request_id);
// Of an answer with that status; a body that is no problem document gives its own message.
Error error_from_problem(int status, std::string_view body);

}  // namespace podplay::wire
