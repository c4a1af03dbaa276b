// Traces of mail for people.
#pragma once

#include <nlohmann/json.hpp>
#include <string>

namespace podplay::cli {

// GET /api/mail/trace: of one message its verdict and a line for each event; of several, a line
// each.
std::string trace_text(const nlohmann::json& answer);

}  // namespace podplay::cli
