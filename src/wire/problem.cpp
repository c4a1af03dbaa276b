// Problem documents (RFC 9457). Every kind of error has one row here, which is its only translation
// to a status and back; so have the few errors that only HTTP knows.
#include "wire/problem.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

namespace podplay {

NLOHMANN_DEFINE_TYPE_NON_INTRUSIVE_WITH_DEFAULT(Fault, field, code, message, remedy)

}  // namespace podplay

namespace podplay::wire {
namespace {

using enum FieldType;

constexpr FieldRow kFaultFields[] = {
    {.name = "field",
     .type = text,
     .required = true,
     .help = "The member or parameter; empty: the request as a whole",
     .example = R"("email")"},
    {.name = "code",
     .type = text,
     .required = true,
     .help = "Stable word for programs",
     .example = R"("domain_missing")"},
    {.name = "message",
     .type = text,
     .required = true,
     .help = "What is wrong with it",
     .example = R"("the domain example.com does not exist here")"},
    {.name = "remedy",
     .type = text,
     .required = true,
     .help = "What to do; may be empty",
     .example = R"("")"},
};
constexpr Shape kFault{
    .name = "Fault", .help = "What is wrong with one field", .fields = kFaultFields};

// Without `request_id` and `errors`: the server refused the request before the API saw it.
constexpr FieldRow kProblemFields[] = {
    {.name = "type",
     .type = text,
     .required = true,
     .help = "A URN that ends with the code",
     .example = R"("urn:podplay:problem:user_unknown")"},
    {.name = "title",
     .type = text,
     .required = true,
     .help = "The kind of the problem",
     .example = R"("Not found")"},
    {.name = "status",
     .type = integer,
     .required = true,
     .help = "The HTTP status",
     .example = "404"},
    {.name = "detail",
     .type = text,
     .required = true,
     .help = "What is wrong, for people",
     .example = R"("there is no user test@example.com")"},
    {.name = "code",
     .type = text,
     .required = true,
     .help = "Stable word for programs",
     .example = R"("user_unknown")"},
    {.name = "remedy",
     .type = text,
     .required = true,
     .help = "What to do; may be empty",
     .example = R"("podplay users list shows the users")"},
    {.name = "request_id",
     .type = text,
     .help = "X-Request-Id of the request",
     .example = R"("k7Qx")"},
    {.name = "errors",
     .type = object_list,
     .help = "What is wrong, field by field",
     .example = "[]",
     .of = &kFault},
    {.name = "error",
     .type = text,
     .help = "To OAuth clients: the code as RFC 6749 section 5.2 has it",
     .example = R"("invalid_grant")"},
    {.name = "error_description",
     .type = text,
     .help = "To OAuth clients: the same as detail",
     .example = R"("the code has expired")"},
};

// What OAuth clients look for in an answer (RFC 6749 sections 4.1.2.1 and 5.2).
constexpr std::string_view kOauthCodes[] = {"invalid_request", "invalid_client",
                                            "invalid_grant",   "unauthorized_client",
                                            "invalid_scope",   "unsupported_grant_type"};

struct KindRow {
  ErrorKind kind;
  int status;
  std::string_view title;
};
constexpr KindRow kKinds[] = {
    {ErrorKind::invalid, 400, "The request is not valid"},
    {ErrorKind::unauthorized, 401, "Not logged in"},
    {ErrorKind::forbidden, 403, "Not allowed"},
    {ErrorKind::not_found, 404, "Not found"},
    {ErrorKind::conflict, 409, "Conflict"},
    {ErrorKind::precondition, 412, "Condition not met"},
    {ErrorKind::too_large, 413, "Too large"},
    {ErrorKind::refused, 422, "Refused by a service"},
    {ErrorKind::rate_limited, 429, "Too many attempts"},
    {ErrorKind::io, 500, "Input or output failed"},
    {ErrorKind::internal, 500, "A defect in PodPlay"},
    {ErrorKind::unavailable, 503, "Not available now"},
    {ErrorKind::timeout, 504, "Took too long"},
};

// What is wrong with the request as HTTP has it, whatever it asks for.
struct CodeRow {
  std::string_view code;
  int status;
  std::string_view title;
};
constexpr CodeRow kCodes[] = {
    {"method_not_allowed", 405, "Method not allowed"},
    {"bad_content_type", 415, "Media type not accepted"},
};

const KindRow& row_of(ErrorKind kind) { return *std::ranges::find(kKinds, kind, &KindRow::kind); }

std::string_view title_of(const Error& error) {
  const auto row = std::ranges::find(kCodes, error.code, &CodeRow::code);
  return row == std::end(kCodes) ? row_of(error.kind).title : row->title;
}

// The faults of a problem document. None when something between us and the server wrote the
// document and gave `errors` another form.
std::vector<Fault> faults_of(const Json& problem) {
  try {
    return problem.value("errors", std::vector<Fault>{});
  } catch (const Json::exception&) {
    return {};
  }
}

}  // namespace

const Shape kProblem{.name = "Problem",
                     .help = "RFC 9457 with a stable `code` and every field's fault",
                     .fields = kProblemFields};

int http_status(const Error& error) {
  const auto row = std::ranges::find(kCodes, error.code, &CodeRow::code);
  return row == std::end(kCodes) ? row_of(error.kind).status : row->status;
}

std::string_view status_title(int status) {
  const auto code = std::ranges::find(kCodes, status, &CodeRow::status);
  if (code != std::end(kCodes)) {
    return code->title;
  }
  return row_of(kind_of_status(status)).title;
}

ErrorKind kind_of_status(int status) {
  const auto row = std::ranges::find(kKinds, status, &KindRow::status);
  if (row != std::end(kKinds)) {
    return row->kind;
  }
  return status < 500 ? ErrorKind::invalid : ErrorKind::unavailable;
}

Json to_problem(const Error& error, std::string_view request_id) {
  Json problem{{"type", "urn:podplay:problem:" + error.code},
               {"title", title_of(error)},
               {"status", http_status(error)},
               {"detail", error.message},
               {"code", error.code},
               {"remedy", error.remedy},
               {"request_id", request_id},
               {"errors", error.faults}};
  if (std::ranges::find(kOauthCodes, error.code) != std::end(kOauthCodes)) {
    problem["error"] = error.code;
    problem["error_description"] = error.message;
  }
  return problem;
}

Error error_from_problem(int status, std::string_view body) {
  const Json problem = Json::parse(body, nullptr, false);
  if (!problem.is_object()) {
    return {.kind = kind_of_status(status),
            .code = fmt::format("http_{}", status),
            .message = fmt::format("the server answered with HTTP status {}", status)};
  }
  return {.kind = kind_of_status(status),
          .code = text_or(problem, "code", "unknown"),
          .message = text_or(problem, "detail", text_or(problem, "title")),
          .remedy = text_or(problem, "remedy"),
          .faults = faults_of(problem)};
}

}  // namespace podplay::wire
