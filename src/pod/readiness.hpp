// Reads what the control plane's /readyz says about each service, and shows it to a person who
// waits.
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
  // The stage of the pipe that it is in, until it has passed all of them.
  std::string stage{};
  // Says what the service waits for, or quotes the daemon.
  std::string message{};
  // The failing probes and daemons, one line for each.
  std::vector<std::string> details{};
};

struct Readiness {
  bool ready = false;
  std::vector<ServiceLine> services;
};

// Parses the body of GET /readyz. Unknown members are ignored; another kind of body is an Error.
Result<Readiness> parse_readiness(std::string_view body);

// One line for each service: rewritten in place on a terminal, else written again when it changes.
// Owned by the thread that waits.
class Progress {
 public:
  Progress(std::FILE* out, bool terminal);
  void show(const std::vector<ServiceLine>& lines, std::chrono::milliseconds elapsed);
  // A line of its own, above the services.
  void say(std::string_view sentence);

 private:
  std::size_t width() const;

  // Constant after construction.
  std::FILE* out_;
  bool terminal_;

  // How many lines of services stand above the cursor.
  std::size_t drawn_ = 0;
  struct Shown {
    std::string text;
    // " (1.5 s)" once it is ready.
    std::string when;
  };
  std::map<std::string, Shown> shown_;
};

// "ready" or "starting, stage check: ...", without the service's name, on one line of at most
// `most` bytes.
std::string state_text(const ServiceLine& line, std::size_t most = 110);

}  // namespace podplay::pod
