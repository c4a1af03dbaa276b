// Answers of the API that have a form of their own.
#pragma once

#include <nlohmann/json.hpp>
#include <string>

namespace podplay::cli {

// GET /api/system/status: a line for each service, row set aside, daemon, failing probe, and
// certificate that somebody should look at.
std::string status_text(const nlohmann::json& status);
// GET /api/mail/queue: a line for each recipient whose mail waits.
std::string queue_text(const nlohmann::json& queue);
// The answer to work on the queue, `done` first: "tried {count} messages".
std::string queue_done_text(std::string_view done, const nlohmann::json& answer);

// GET /api/audit/verify: whether the audit is whole, and a line for each event that is not.
std::string verdict_text(const nlohmann::json& verdict);

}  // namespace podplay::cli
