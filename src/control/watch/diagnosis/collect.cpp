// Every side is asked in a thread of its own: each agent by its command `evidence`, an agent that
// does not answer by its port for health, the control plane itself, and the store.
#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <exception>
#include <functional>
#include <thread>

#include "base/memory_limit.hpp"
#include "base/process_table.hpp"
#include "base/volume_space.hpp"
#include "control/authority.hpp"
#include "control/watch/diagnosis/facts.hpp"
#include "control/watch/status.hpp"
#include "net/http.hpp"
#include "net/x509.hpp"

namespace podplay::control {
namespace {

using namespace std::chrono;

// How long the agent's port for health may take.
constexpr milliseconds kDirectLook{1500};

// Where the agents answer about their health (agent/health).
int health_port_of(ServiceName service) {
  switch (service) {
    case ServiceName::apache: return 8611;
    case ServiceName::bind: return 8612;
    case ServiceName::mail: break;
  }
  return 8613;
}

// Asks the agent on its own port, which works without the link: whether it runs, and why it has no
// link.
EvidenceJson look_directly(const AgentName& agent) {
  EvidenceJson seen{{"answered", false}};
  auto client = net::HttpClient::make(
      {.base_url = fmt::format("http://127.0.0.1:{}", health_port_of(agent.service)),
       .connect_timeout = kDirectLook,
       .timeout = kDirectLook,
       .most_body = 1U << 20});
  if (!client) {
    return seen;
  }
  const auto answer = (*client)->send({.method = "GET", .path = "/readyz"});
  if (!answer) {
    seen["error"] = answer.error().message;
    // Nobody listens: the agent's process is gone. Otherwise it is there and does not answer.
    seen["refused"] =
        answer.error().kind == ErrorKind::unavailable && answer.error().code != "no_answer";
    return seen;
  }
  const EvidenceJson body = EvidenceJson::parse(answer->body, nullptr, false);
  seen["answered"] = true;
  seen["linked"] = flag_of(body, "linked", true);
  seen["link"] = text_of(body, "link");
  seen["state"] = text_of(body, "state");
  seen["message"] = text_of(body, "message");
  return seen;
}

// What probes have just found counts, not what they found up to a minute ago.
void take_probes(AgentEvidence& agent) {
  std::vector<ProbeStatus>& known = agent.status.probes;
  for (const EvidenceJson& one : list_of(agent.sections, "probes")) {
    ProbeStatus probe{text_of(one, "name"), flag_of(one, "ok"), text_of(one, "message")};
    if (!probe.ok && agent.ready()) {
      agent.status.state = "degraded";
    }
    const auto before = std::ranges::find(known, probe.name, &ProbeStatus::name);
    if (before == known.end()) {
      known.push_back(std::move(probe));
    } else {
      *before = std::move(probe);
    }
  }
}

void ask_agent(Context& context, AgentEvidence& agent, milliseconds deadline) {
  const auto began = context.clock.steady();
  const bool ours = agent.status.agent.host == context.settings.text("PODPLAY_HOST_ID");
  if (agent.status.state != "away") {
    const WallTime asked = context.clock.now();
    const auto answer =
        context.hub.command(agent.status.agent, "evidence", "{}", "diagnosis", deadline);
    agent.took = duration_cast<milliseconds>(context.clock.steady() - began);
    if (answer) {
      const EvidenceJson parsed = EvidenceJson::parse(*answer, nullptr, false);
      agent.answered = true;
      agent.sections = object_of(parsed, "sections");
      take_probes(agent);
      const EvidenceJson& about = agent.section("about");
      if (about.is_object() && about.contains("now")) {
        // Its clock was read somewhere between the question and the answer.
        const std::int64_t middle = to_millis(asked + agent.took / 2);
        agent.sections["clock"] = {{"skew_ms", number_of(about, "now") - middle}};
      }
      return;
    }
    agent.failure = answer.error().message;
  } else {
    agent.failure = agent.status.message;
  }
  if (ours) {
    agent.sections["direct"] = look_directly(agent.status.agent);
  }
}

EvidenceJson own_disks(const Context& context) {
  EvidenceJson all = EvidenceJson::array();
  for (const std::string& path :
       {context.paths.state, context.paths.logs, context.paths.certificates}) {
    const auto space = read_volume_space(path);
    if (!space) {
      all.push_back({{"path", path}, {"missing", true}});
      continue;
    }
    all.push_back({{"path", path},
                   {"total_bytes", space->total_bytes},
                   {"free_bytes", space->free_bytes},
                   {"total_files", space->total_files},
                   {"free_files", space->free_files},
                   {"read_only", space->read_only}});
  }
  return all;
}

EvidenceJson own_process() {
  for (const ProcessFacts& process : read_processes()) {
    if (process.pid == ::getpid()) {
      return {{"pid", process.pid},
              {"user", process.user},
              {"rss_bytes", process.rss_bytes},
              {"fds", process.fds},
              {"fd_limit", process.fd_limit}};
    }
  }
  return nullptr;
}

EvidenceJson look_at_store(Context& context) {
  const store::StoreHealth health = context.store.look();
  return {{"code", health.code},
          {"words", health.words},
          {"holder", health.holder},
          {"ms", health.took.count()}};
}

EvidenceJson look_at_self(Context& context) {
  EvidenceJson self{{"about", {{"version", PODPLAY_VERSION}}},
                    {"disk", own_disks(context)},
                    {"process", own_process()}};
  // The pod's own authority was made before anything else, so no clock may be before it.
  if (const auto root = net::read_certificate(context.authority.certificate())) {
    self["clock"] = {{"begins", to_millis(root->not_before)}};
  }
  if (const auto memory = read_memory_limit()) {
    self["memory"] = {{"used_bytes", memory->used_bytes},
                      {"limit_bytes", memory->limit_bytes},
                      {"oom_kills", memory->oom_kills}};
  }
  return self;
}

// No exception may leave a thread.
std::jthread run_guarded(const Context& context, std::function<void()> work) {
  return std::jthread([&context, work = std::move(work)] {
    try {
      work();
    } catch (const std::exception& error) {
      context.log.error("a part of the diagnosis failed", {{"error", error.what()}});
    }
  });
}

}  // namespace

Evidence collect_evidence(Context& context, milliseconds deadline) {
  Evidence evidence{.now = context.clock.now(), .settings = &context.settings};
  SystemStatus system = get_status(context);
  for (ServiceStatus& status : system.services) {
    evidence.agents.push_back({.status = std::move(status)});
  }
  evidence.checks = std::move(system.control.checks);
  EvidenceJson store;
  {
    std::vector<std::jthread> threads;
    for (AgentEvidence& agent : evidence.agents) {
      threads.push_back(run_guarded(context, [&] { ask_agent(context, agent, deadline); }));
    }
    threads.push_back(run_guarded(context, [&] { evidence.control = look_at_self(context); }));
    threads.push_back(run_guarded(context, [&] { store = look_at_store(context); }));
    threads.push_back(run_guarded(context, [&] {
      for (const FactSource source : fact_sources()) {
        source(context, evidence.facts);
      }
    }));
  }
  evidence.control["store"] = std::move(store);
  return evidence;
}

}  // namespace podplay::control
