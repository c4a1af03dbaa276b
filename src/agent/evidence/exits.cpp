// How each daemon ended last, and what it said before. Only the last lines are kept.
#include "agent/evidence/sections.hpp"

namespace podplay::agent {

nlohmann::json collect_exits(const EvidenceTools& tools) {
  nlohmann::json all = nlohmann::json::array();
  for (const supervise::ProcessStatus& daemon : tools.board.processes()) {
    all.push_back({{"daemon", daemon.name},
                   {"state", daemon.state},
                   {"pid", daemon.pid},
                   {"restarts", daemon.restarts},
                   {"since", daemon.since},
                   {"how", daemon.last_exit},
                   {"signal", daemon.last_signal},
                   {"oom", daemon.last_oom},
                   {"ended", daemon.last_exit_at},
                   {"lived_ms", daemon.last_lived},
                   {"last_words", daemon.last_words}});
  }
  return all;
}

}  // namespace podplay::agent
