// Wraps lines as the agent does with those of its daemons, so that the cost can be measured alone.
#pragma once

#include <string>

#include "base/log.hpp"
#include "model/service.hpp"

namespace podplay::agent {

struct WrapOptions {
  ServiceName service = ServiceName::mail;
  // One of the service's daemons: its lines are read as that daemon writes them.
  std::string daemon = "postfix";
  // The folder of the log files.
  std::string logs;
  LogFormat format = LogFormat::text;
};

// Reads standard input to its end; what it reads goes to the files and to standard output. Prints a
// line of JSON on standard error: lines that were taken, and seconds of processor time.
int wrap_lines(const WrapOptions& options);

}  // namespace podplay::agent
