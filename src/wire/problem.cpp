// Problem documents.
#include "wire/problem.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

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
  Json problem{{"type", "urn:podplay:problem:" + error.code},
               {"title", row.title},
               {"status", row.status},
               {"detail", error.message},
               {"code", error.code},
               {"remedy", error.remedy},
               {"request_id", request_id}};
  Json errors = Json::array();
  for (const Fault& fault : error.faults) {
    errors.push_back({{"field", fault.field},
                      {"code", fault.code},
                      {"message", fault.message},
                      {"remedy", fault.remedy}});
  }
  problem["errors"] = std::move(errors);
  return problem;
}

Error error_from_problem(int status, std::string_view body) {
  const Json problem = Json::parse(body, nullptr, false);
  if (!problem.is_object()) {
    return {kind_of_status(status),
            "http_" + std::to_string(status),
            fmt::format("the server answered with HTTP status {}", status),
            {},
            {}};
  }
  Error error{kind_of_status(status),
              text_or(problem, "code", "unknown"),
              text_or(problem, "detail", text_or(problem, "title")),
              text_or(problem, "remedy"),
              {}};
  if (const auto faults = problem.find("errors"); faults != problem.end() && faults->is_array()) {
    for (const Json& fault : *faults) {
      error.faults.push_back({text_or(fault, "field"), text_or(fault, "code"),
                              text_or(fault, "message"), text_or(fault, "remedy")});
    }
  }
  return error;
}

}  // namespace podplay::wire
