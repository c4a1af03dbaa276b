// The pod as a whole: how it is, its logs, restarts.
#pragma once

#include <string>
#include <vector>

#include "control/context.hpp"

namespace podplay::control {

struct SystemStatus {
  // every service is ready and has its first release
  bool ready = false;
  std::vector<ServiceStatus> services;
};
SystemStatus get_status(Context& context);

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

Result<std::string> restart_service(Context& context, const Actor& actor,
                                    const std::string& service, const std::string& daemon);

}  // namespace podplay::control
