// The last lines of the logs.
#pragma once

#include <array>
#include <string>
#include <string_view>
#include <vector>

#include "control/context.hpp"

namespace podplay::control {

// The folders of the logs' volume.
inline constexpr std::array<std::string_view, 5> kLogFolders{"apache", "bind", "mail", "api",
                                                             "certs"};

struct LogTail {
  // SERVICE/NAME, such as "mail/postfix".
  std::string log;
  // Oldest first.
  std::vector<std::string> lines;
};
// The last `lines` (1 to 1000) of each log. `service` is apache, bind, mail, api or certs; empty:
// all. `log` is one log of the service, such as "postfix"; empty: all.
Result<std::vector<LogTail>> tail_logs(Context& context, const std::string& service,
                                       const std::string& log, int lines);

}  // namespace podplay::control
