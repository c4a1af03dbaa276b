// The command line of podplay-agent. `podplay-agent help` describes its verbs.
#pragma once

#include <string>
#include <vector>

namespace podplay::agent {

// Exit codes: 0 fine, 1 failed or not ready, 2 usage, 3 the snapshot or a template is wrong.
int run_program(const std::vector<std::string>& arguments);

}  // namespace podplay::agent
