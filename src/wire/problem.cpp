// Problem documents (RFC 9457). Every kind of error has one row here, which is its only translation
// to a status and back.
#include "wire/problem.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

namespace podplay {

NLOHMANN_DEFINE_TYPE_NON_INTRUSIVE_WITH_DEFAULT(Fault, field, code, message, remedy)

}  // namespace podplay

namespace podplay::wire {
namespace {

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
    {ErrorKind::precondition, 412, "Changed meanwhile"},
    {ErrorKind::too_large, 413, "Too large"},
    {ErrorKind::refused, 422, "Refused by a service"},
    {ErrorKind::rate_limited, 429, "Too many attempts"},
    {ErrorKind::io, 500, "Input or output failed"},
    {ErrorKind::internal, 500, "A defect in PodPlay"},
    {ErrorKind::unavailable, 503, "Not available now"},
    {ErrorKind::timeout, 504, "Took too long"},
};

const KindRow& row_of(ErrorKind kind) { return *std::ranges::find(kKinds, kind, &KindRow::kind); }

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

int http_status(ErrorKind kind) { return row_of(kind).status; }

ErrorKind kind_of_status(int status) {
  const auto row = std::ranges::find(kKinds, status, &KindRow::status);
  if (row != std::end(kKinds)) {
    return row->kind;
  }
  return status < 500 ? ErrorKind::invalid : ErrorKind::unavailable;
}

Json to_problem(const Error& error, std::string_view request_id) {
  const KindRow& row = row_of(error.kind);
  return {{"type", "urn:podplay:problem:" + error.code},
          {"title", row.title},
          {"status", row.status},
          {"detail", error.message},
          {"code", error.code},
          {"remedy", error.remedy},
          {"request_id", request_id},
          {"errors", error.faults}};
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
