// Lines of logs for people.
#pragma once

#include <nlohmann/json.hpp>
#include <string>

namespace podplay::cli {

// A line as it stands in a file, with a newline. With `colours`, its head has that of its level.
std::string log_line(const nlohmann::json& line, bool colours);

}  // namespace podplay::cli
