// Why a log file cannot be written, for people.
#pragma once

#include <string>

#include "base/result.hpp"

namespace podplay::logs {

// `attempt`: "open" or "write"; `code`: errno.
Error log_file_fault(const char* attempt, const std::string& path, int code);

}  // namespace podplay::logs
