// Waiting for the pod with one line per service: what /readyz says, how it is shown, and what is
// said when it fails.
#pragma once

#include <chrono>
#include <cstdio>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.hpp"

namespace podplay::pod {

struct ServiceLine {
  // "mail"
  std::string service;
  bool ready = false;
  // "starting", "ready", "degraded", "away"
  std::string state;
  // of the pipe, while it has not come through
  std::string stage;
  // what it waits for, or the daemon's own words
  std::string message;
  // failing probes and daemons, a line each
  std::vector<std::string> details;
};

struct Readiness {
  bool ready = false;
  std::vector<ServiceLine> services;
};

// The body of GET /readyz. Unknown members are ignored; an Error when it is not such a body.
Result<Readiness> parse_readiness(std::string_view body);

// One line per service: rewritten in place on a terminal, otherwise a line whenever one changes.
class Progress {
 public:
  Progress(std::FILE* out, bool terminal);
  void show(const std::vector<ServiceLine>& lines, std::chrono::milliseconds elapsed);
  // a line of its own, above the services
  void say(std::string_view sentence);

 private:
  std::size_t width() const;
  std::FILE* out_;
  bool terminal_;
  std::size_t drawn_ = 0;
  struct Shown {
    std::string text;
    // " (1.5 s)" once it is ready
    std::string when;
  };
  std::map<std::string, Shown> shown_;
};

// "ready", "waiting in stage check: ..." : one line of at most `most` bytes, without its service's
// name.
std::string state_text(const ServiceLine& line, std::size_t most = 110);

}  // namespace podplay::pod
