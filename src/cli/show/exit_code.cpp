// Each kind of error has one exit code, so that scripts can tell failures apart.
#include "cli/show/exit_code.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "base/print.hpp"

namespace podplay::cli {

using Json = nlohmann::json;

int exit_code(ErrorKind kind) {
  switch (kind) {
    case ErrorKind::invalid:
    case ErrorKind::too_large: return 3;
    case ErrorKind::unauthorized:
    case ErrorKind::forbidden:
    case ErrorKind::rate_limited: return 4;
    case ErrorKind::not_found: return 5;
    case ErrorKind::conflict:
    case ErrorKind::precondition: return 6;
    case ErrorKind::refused: return 7;
    case ErrorKind::unavailable:
    case ErrorKind::timeout: return 8;
    default: return 1;
  }
}

int outcome_code(const Json& answer) {
  const auto refuses = [](const Json& service) { return !service.value("ok", false); };
  const auto is_fatal = [](const Json& finding) { return finding.value("fatal", false); };
  if (answer.value("dry_run", false) &&
      (std::ranges::any_of(answer.value("services", Json::array()), refuses) ||
       std::ranges::any_of(answer.value("findings", Json::array()), is_fatal))) {
    return exit_code(ErrorKind::refused);
  }
  // Only a verdict on the audit says "whole".
  if (!answer.value("whole", true)) {
    return 1;
  }
  const auto applied = answer.find("applied");
  const bool pending = applied != answer.end() && applied->value("state", "") == "pending";
  // Only a status says "ready".
  const bool not_ready = !answer.value("ready", true);
  return pending || not_ready ? exit_code(ErrorKind::timeout) : 0;
}

int report_error(World& world, const Error& error, const std::string& request_id) {
  print_to(world.err, "podplay: {}\n", describe(error));
  if (!request_id.empty()) {
    print_to(world.err, "  request {0}: `podplay logs --request {0}` shows its lines\n",
             request_id);
  }
  return exit_code(error.kind);
}

}  // namespace podplay::cli
