// The last lines of the logs.
#pragma once

#include <string>
#include <vector>

#include "control/context.hpp"

namespace podplay::control {

struct LogTail {
  // "mail/postfix"
  std::string log;
  // oldest first
  std::vector<std::string> lines;
};
// `service`: apache, bind, mail, api, certs; `log`: one file of it, empty: all. At most 1000 lines
// of each.
Result<std::vector<LogTail>> tail_logs(Context& context, const std::string& service,
                                       const std::string& log, int lines);

}  // namespace podplay::control
