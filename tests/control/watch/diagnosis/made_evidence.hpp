// Evidence for tests of rules: a pod that is well, and helpers that break it.
#pragma once

#include "control/watch/diagnosis/cause.hpp"
#include "control/watch/diagnosis/diagnose.hpp"

namespace podplay::test {

inline constexpr std::int64_t kNow = 1'767'225'600'000;

inline control::AgentEvidence made_agent(ServiceName service,
                                         const std::vector<std::string>& daemons) {
  control::AgentEvidence agent;
  agent.answered = true;
  agent.status.agent.service = service;
  agent.status.state = "ready";
  control::EvidenceJson exits = control::EvidenceJson::array();
  control::EvidenceJson processes = control::EvidenceJson::array();
  int pid = 10;
  for (const std::string& name : daemons) {
    agent.status.daemons.push_back(
        {.name = name, .state = "ready", .pid = ++pid, .since = kNow - 600'000});
    exits.push_back({{"daemon", name}, {"state", "ready"}, {"how", ""}, {"signal", 0}});
    processes.push_back({{"pid", pid},
                         {"name", name},
                         {"daemon", name},
                         {"state", "S"},
                         {"user", "root"},
                         {"fds", 40},
                         {"fd_limit", 20000}});
  }
  control::EvidenceJson disk = control::EvidenceJson::array();
  for (const char* path : {"/data/service", "/data/logs"}) {
    disk.push_back({{"path", path},
                    {"total_bytes", 100LL << 30},
                    {"free_bytes", 50LL << 30},
                    {"total_files", 1'000'000},
                    {"free_files", 900'000},
                    {"read_only", false}});
  }
  agent.sections = {
      {"exits", exits},
      {"processes", {{"count", 20}, {"list", processes}}},
      {"disk", disk},
      {"memory", {{"used_bytes", 100 << 20}, {"limit_bytes", 1 << 30}, {"oom_kills", 0}}},
      {"files", {{"checked", 10}, {"problems", control::EvidenceJson::array()}}},
      {"users", {{"missing", control::EvidenceJson::array()}}},
      {"sockets",
       {{"needed", control::EvidenceJson::array()}, {"others", control::EvidenceJson::array()}}},
      {"link", {{"linked", true}, {"not_before", kNow - 1000}, {"not_after", kNow + 86'400'000}}},
      {"about", {{"version", "1.0"}, {"now", kNow}}},
      {"clock", {{"skew_ms", 3}}}};
  return agent;
}

// Everything is well.
inline control::Evidence made_evidence() {
  control::Evidence evidence;
  evidence.now = from_millis(kNow);
  evidence.agents = {made_agent(ServiceName::apache, {"apache"}),
                     made_agent(ServiceName::bind, {"named"}),
                     made_agent(ServiceName::mail, {"dovecot", "dovecot-login", "postfix"})};
  evidence.control = {{"about", {{"version", "1.0"}}},
                      {"store", {{"code", ""}, {"words", ""}, {"holder", ""}, {"ms", 2}}},
                      {"process", {{"pid", 1}, {"fds", 60}, {"fd_limit", 20000}}},
                      {"memory", {{"used_bytes", 60 << 20}, {"limit_bytes", 512 << 20}}},
                      {"disk",
                       {{{"path", "/data/state"},
                         {"total_bytes", 100LL << 30},
                         {"free_bytes", 50LL << 30},
                         {"read_only", false}}}}};
  return evidence;
}

inline control::AgentEvidence& agent_of(control::Evidence& evidence, ServiceName service) {
  for (control::AgentEvidence& agent : evidence.agents) {
    if (agent.service() == service) {
      return agent;
    }
  }
  throw std::runtime_error("no such agent");
}

// The daemon ends at once after each start, with these last lines.
inline void break_daemon(control::Evidence& evidence, ServiceName service, const std::string& name,
                         const std::string& words, int signal = 0) {
  control::AgentEvidence& agent = agent_of(evidence, service);
  agent.status.state = "degraded";
  for (DaemonStatus& daemon : agent.status.daemons) {
    if (daemon.name == name) {
      daemon.state = "backoff";
      daemon.pid = 0;
    }
  }
  agent.status.probes.push_back({name + "-greeting", false, "no answer"});
  for (control::EvidenceJson& exit : agent.sections["exits"]) {
    if (exit["daemon"] == name) {
      exit = {{"daemon", name},
              {"state", "backoff"},
              {"how", signal == 0 ? "exit code 1" : "signal Killed"},
              {"signal", signal},
              {"ended", kNow - 500},
              {"lived_ms", 120},
              {"last_words", words}};
    }
  }
}

// "" when nothing was found.
inline std::string first_cause(const control::Evidence& evidence) {
  const auto found = control::find_causes(evidence);
  return found.empty() ? std::string() : found.front().cause;
}

}  // namespace podplay::test
