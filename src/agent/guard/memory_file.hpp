// What of the limits outlives the agent: where owners got in, which tries still count, what was
// sent within the hour, and the rules. Losing it loses no mail and no login, so a file that cannot
// be read is left out.
#pragma once

#include <string>

#include "base/files.hpp"
#include "guard/login_limiter.hpp"
#include "guard/outbound.hpp"

namespace podplay::agent {

struct LimitMemory {
  std::vector<LoginEvent> events{};
  std::vector<guard::Sent> sent{};
  LimitRules rules{};
};

Result<LimitMemory> read_limit_memory(Files& files, const std::string& path);
// Readable by root only, since it tells who logs in from where.
Status write_limit_memory(Files& files, const std::string& path, const LimitMemory& memory);

}  // namespace podplay::agent
