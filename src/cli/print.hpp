// What people see: tables, objects, problems, with readable sizes and times.
#pragma once

#include <nlohmann/json.hpp>
#include <span>
#include <string>
#include <string_view>

#include "base/result.hpp"

namespace podplay::cli {

using Json = nlohmann::json;

std::string table(const Json& items, std::span<const std::string_view> columns);
std::string object_lines(const Json& object);
// GET /api/system/status
std::string status_text(const Json& status);
// GET /api/system/logs
std::string logs_text(const Json& logs);
// GET /api/mail/queue: a line for each recipient
std::string queue_text(const Json& queue);
std::string dry_run_text(const Json& answer);
// "applied by mail (revision 42)", or what is still missing.
std::string applied_text(const Json& answer);
// "created user {email}" with the members of `object`.
std::string fill_sentence(std::string_view sentence, const Json& object);
std::string problem_text(const Error& error, std::string_view request_id);

// Of a good answer: 0; of a write 8 when services have not applied it yet, 7 when a checker refused
// a dry run; of a status 8 when not all is ready.
int outcome_code(const Json& answer);
// 3 input, 4 login, 5 missing, 6 conflict, 7 refused, 8 away or late, 1 other
int exit_code(ErrorKind kind);

}  // namespace podplay::cli
