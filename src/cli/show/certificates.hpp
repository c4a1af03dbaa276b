// Certificates and their orders for people.
#pragma once

#include <nlohmann/json.hpp>
#include <string>

namespace podplay::cli {

// GET /api/certificates/{name}: its members, its orders, and the steps of the newest one.
std::string certificate_text(const nlohmann::json& certificate);
// A dry run of an order: a line for each finding, and below it what to do.
std::string findings_text(const nlohmann::json& answer);
// Of the status: a line for each certificate that somebody should look at.
std::string troubles_text(const nlohmann::json& certificates);
// "12:00:01  place the challenges: 2 names (0.3 s)".
std::string step_line(const nlohmann::json& step);

}  // namespace podplay::cli
