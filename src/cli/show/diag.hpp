// A service from the inside, as ps, ss, lsof and their like would print it.
#pragma once

#include <nlohmann/json.hpp>
#include <string>

namespace podplay::cli {

// GET /api/system/diag/{service}: a heading and a table for each look.
std::string diag_text(const nlohmann::json& diag);

}  // namespace podplay::cli
