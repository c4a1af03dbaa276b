// The debug container: the large tools, beside a service of the running pod, for as long as one
// command or shell lasts.
#pragma once

#include <string>
#include <vector>

#include "base/result.hpp"
#include "pod/lifecycle.hpp"

namespace podplay::pod {

struct DebugOptions {
  // "apache", "bind", "mail" or "api": whose processes it sees; empty: only the pod's network.
  std::string service{};
  // Empty: a shell.
  std::vector<std::string> command{};
};

// Runs the container POD-debug on this terminal, and removes it afterwards: also when this program
// is interrupted or killed. Gives the exit code of the command. Needs the image podplay-debug, and
// fails with `conflict` while another one is open.
Result<int> run_debug(const Lifecycle& lifecycle, const DebugOptions& options);

// The arguments of podman. `input` and `terminal`: the command reads our input, on a terminal.
// Pure.
std::vector<std::string> debug_arguments(const Settings& settings, const DebugOptions& options,
                                         bool input, bool terminal, int owner);

}  // namespace podplay::pod
