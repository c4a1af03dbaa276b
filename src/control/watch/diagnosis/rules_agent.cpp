// The agents and the link to them: a service whose agent is silent is not well because nothing is
// known to be wrong with it.
#include <fmt/format.h>

#include <cstdlib>

#include "base/ascii.hpp"
#include "control/watch/diagnosis/cause.hpp"
#include "control/watch/diagnosis/failing.hpp"

namespace podplay::control {
namespace {

constexpr std::string_view kAgentSymptoms[] = {"*"};
// An agent and the control plane of one machine read one clock; machines keep theirs with NTP.
constexpr std::int64_t kMostSkew = 30'000;

bool has_words(const std::string& text, std::string_view phrase) {
  return lower(text).find(phrase) != std::string::npos;
}

// The agent runs, and says itself that it has no link.
bool runs_unlinked(const AgentEvidence& agent) {
  const EvidenceJson& direct = agent.section("direct");
  return flag_of(direct, "answered") && !flag_of(direct, "linked", true);
}

std::optional<Shown> link_expired(const Evidence& evidence, const AgentEvidence& agent) {
  const std::string words = text_of(agent.section("direct"), "link");
  if (runs_unlinked(agent) && has_words(words, "expired")) {
    return Shown{.shown = {words}};
  }
  const EvidenceJson& link = agent.section("link");
  const std::int64_t end = number_of(link, "not_after");
  if (end == 0 || end > to_millis(evidence.now)) {
    return std::nullopt;
  }
  return Shown{.shown = {fmt::format("/run/podplay-link/certificate.pem was valid until {}",
                                     to_rfc3339(from_millis(end)))}};
}

std::optional<Shown> not_enrolled(const Evidence&, const AgentEvidence& agent) {
  const std::string words = text_of(agent.section("direct"), "link");
  const bool refused =
      has_words(words, "secret") || has_words(words, "enrol") || has_words(words, "certificate");
  if (!runs_unlinked(agent) || !refused) {
    return std::nullopt;
  }
  return Shown{.shown = {words},
               .follows = {"the service goes on with what it has; changes do not reach it"}};
}

std::optional<Shown> no_link(const Evidence&, const AgentEvidence& agent) {
  if (agent.answered || !runs_unlinked(agent)) {
    return std::nullopt;
  }
  const std::string words = text_of(agent.section("direct"), "link");
  return Shown{.shown = {words.empty() ? "the agent answers on its own port only" : words},
               .follows = {"the service goes on with what it has; changes do not reach it"}};
}

// It accepts the connection and says nothing.
std::optional<Shown> hung(const Evidence&, const AgentEvidence& agent) {
  const EvidenceJson& direct = agent.section("direct");
  // One that only starts may be slow.
  const bool starts = agent.status.state == "starting";
  if (agent.answered || starts || !direct.is_object() || flag_of(direct, "answered") ||
      flag_of(direct, "refused")) {
    return std::nullopt;
  }
  return Shown{.shown = {agent.failure, text_of(direct, "error")},
               .follows = {"nobody restarts its daemons, and changes do not reach them"}};
}

std::optional<Shown> gone(const Evidence&, const AgentEvidence& agent) {
  const EvidenceJson& direct = agent.section("direct");
  const bool elsewhere = !direct.is_object();
  // Its end is noticed by the connection that it waits on, which may take a while; its own port
  // refuses at once.
  const bool away = agent.status.state == "away" && (elsewhere || flag_of(direct, "refused"));
  const bool refuses = flag_of(direct, "refused") && agent.status.state != "starting";
  if (agent.answered || !(away || refuses)) {
    return std::nullopt;
  }
  Shown shown{.shown = {agent.failure}};
  if (!elsewhere) {
    shown.shown.push_back(text_of(direct, "error"));
  }
  shown.follows.push_back(
      fmt::format("{} is not served while its container is down", to_text(agent.service())));
  return shown;
}

std::optional<Shown> clock_skew(const Evidence&, const AgentEvidence& agent) {
  const std::int64_t skew = number_of(agent.section("clock"), "skew_ms");
  if (std::llabs(skew) <= kMostSkew) {
    return std::nullopt;
  }
  return Shown{.shown = {fmt::format("the clock of {} differs by {} s from the control plane's",
                                     agent.status.agent.host, skew / 1000)},
               .follows = {"certificates and tokens count as expired, or as not yet valid"}};
}

std::optional<Shown> other_version(const Evidence& evidence, const AgentEvidence& agent) {
  const std::string theirs = text_of(agent.section("about"), "version");
  const std::string ours = text_of(evidence.control_section("about"), "version");
  if (theirs.empty() || ours.empty() || theirs == ours) {
    return std::nullopt;
  }
  return Shown{.shown = {fmt::format("the agent of {} is version {}, the control plane is {}",
                                     to_text(agent.service()), theirs, ours)}};
}

// What an outsider may do that he must not. It is tried, not assumed (control/watch/health).
std::optional<Shown> exposed_agent(const Evidence& evidence, const AgentEvidence& agent) {
  Shown shown;
  const auto add = [&shown](const HealthCheck& check) {
    if (check.name.starts_with("exposure") && check.result == CheckResult::failed) {
      shown.shown.push_back(fmt::format("{}: {}", check.name, check.reason));
    }
  };
  for (const HealthCheck& check : agent.status.checks) {
    add(check);
  }
  for (const ServiceCheck& one : evidence.checks) {
    if (one.service == to_text(agent.service())) {
      add(one.check);
    }
  }
  if (shown.shown.empty()) {
    return std::nullopt;
  }
  return shown;
}

constexpr Cause kAgentRows[] = {
    {.id = "agent-hangs",
     .title = "the agent of {} does not answer: its process is stopped or the container is paused",
     .remedy = "run `podplay podman ps -a` and look for a paused container; `podplay down` and "
               "`podplay up` start it again",
     .runbook = "docs/runbooks/agents.md#agent-hangs",
     .rank = 20,
     .explains = kAgentSymptoms,
     .agent = hung},
    {.id = "agent-down",
     .title = "the container of {} does not run",
     .remedy = "run `podplay doctor` on the host, which says why it ended; `podplay up` starts it",
     .runbook = "docs/runbooks/agents.md#agent-down",
     .rank = 21,
     .explains = kAgentSymptoms,
     .agent = gone},
    {.id = "link-certificate-expired",
     .title = "the certificate of the agent of {} on the link has expired",
     .remedy = "check the machine's clock; `podplay down` and `podplay up` enrol the agent again",
     .runbook = "docs/runbooks/agents.md#link-certificate-expired",
     .rank = 22,
     .explains = kAgentSymptoms,
     .agent = link_expired},
    {.id = "agent-not-enrolled",
     .title = "the agent of {} is not enrolled: it has no certificate for the link",
     .remedy = "run `podplay down` and `podplay up`: each start makes new enrolment secrets",
     .runbook = "docs/runbooks/agents.md#agent-not-enrolled",
     .rank = 23,
     .explains = kAgentSymptoms,
     .agent = not_enrolled},
    {.id = "agent-not-linked",
     .title = "the agent of {} runs and does not reach the control plane",
     .remedy = "run `podplay logs {service}`; the line about the link says why",
     .runbook = "docs/runbooks/agents.md#agent-not-linked",
     .rank = 24,
     .explains = kAgentSymptoms,
     .agent = no_link},
    {.id = "clock-skew",
     .title = "the clock of the machine of {} is wrong",
     .remedy = "let both machines keep their time with NTP (`timedatectl set-ntp true`)",
     .runbook = "docs/runbooks/agents.md#clock-skew",
     .rank = 18,
     .explains = kAgentSymptoms,
     .agent = clock_skew},
    {.id = "service-exposed",
     .title = "{} lets strangers do what they must not",
     .remedy = "take back the template override that allows it; `podplay down` stops the pod at "
               "once",
     .runbook = "docs/runbooks/exposure.md#service-exposed",
     .rank = 26,
     .agent = exposed_agent},
    {.id = "versions-differ",
     .title = "the image of {} is of another version than the control plane",
     .remedy = "build all images (`make images`), then run `podplay up`",
     .runbook = "docs/runbooks/agents.md#versions-differ",
     .rank = 25,
     .agent = other_version},
};

}  // namespace

const std::span<const Cause> kAgentCauses = kAgentRows;

}  // namespace podplay::control
