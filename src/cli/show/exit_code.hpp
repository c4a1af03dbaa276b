// How a command ends: with its exit code (docs/operations.md lists them) and its words about a
// failure.
#pragma once

#include <nlohmann/json.hpp>
#include <string>

#include "base/result.hpp"
#include "cli/cli.hpp"

namespace podplay::cli {

// 3 input, 4 login, 5 missing, 6 conflict, 7 refused, 8 away or late, 1 anything else.
int exit_code(ErrorKind kind);

// 0 for a good answer. For a change, 8 while services have not applied it. For a dry run, 7 when a
// checker refused it or an order would fail. For a status, 8 while not everything is ready.
int outcome_code(const nlohmann::json& answer);

// Writes the error to `world.err`; returns its exit code. `request_id` is the API's, if any.
int report_error(World& world, const Error& error, const std::string& request_id = {});

}  // namespace podplay::cli
