// Collects, applies the rules, and looks again when nothing solid was found: what fails once while
// a daemon restarts or reloads is no fault.
#include "control/watch/diagnosis/diagnose.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>

#include "control/watch/diagnosis/cause.hpp"

namespace podplay::control {
namespace {

using namespace std::chrono;

// An agent of a pod that is well answers within some milliseconds, and one whose daemon is down
// within some seconds, since it runs the daemons' checkers.
constexpr milliseconds kDeadline{4000};
// What a daemon that restarts or reloads may show for a moment must still be there after this
// pause.
constexpr milliseconds kSecondLook{2000};
// Causes of lower ranks are facts of the machine, of processes and of files, which do not come and
// go; a row says so when it is otherwise.
constexpr int kMayPass = 45;

constexpr std::array<std::string_view, 5> kDiagnosed{"apache", "bind", "mail", "api", "host"};

bool may_pass(const FoundCause& found) {
  const Cause* cause = find_cause(found.cause);
  return cause != nullptr && (cause->may_pass || cause->rank >= kMayPass);
}

// Leaves what was seen at both looks, and what does not come and go.
void keep_confirmed(std::vector<FoundCause>& findings, const std::vector<FoundCause>& before) {
  std::erase_if(findings, [&](const FoundCause& found) {
    const bool again = std::ranges::any_of(before, [&](const FoundCause& one) {
      return one.cause == found.cause && one.service == found.service && one.host == found.host;
    });
    return may_pass(found) && !again;
  });
}

}  // namespace

Result<Diagnosis> diagnose(Context& context, const std::string& service) {
  if (!service.empty() && std::ranges::find(kDiagnosed, service) == kDiagnosed.end()) {
    return fail_faults({{.field = "service",
                         .code = "unknown_service",
                         .message = fmt::format("there is no service '{}'", service),
                         .remedy = "use apache, bind, mail, api or host"}});
  }
  const auto began = context.clock.steady();
  Evidence evidence = collect_evidence(context, kDeadline);
  Diagnosis diagnosis{.findings = find_causes(evidence)};
  if (!diagnosis.findings.empty() && std::ranges::all_of(diagnosis.findings, may_pass)) {
    context.clock.sleep(kSecondLook);
    const auto before = std::move(diagnosis.findings);
    evidence = collect_evidence(context, kDeadline);
    diagnosis.findings = find_causes(evidence);
    keep_confirmed(diagnosis.findings, before);
  }
  for (const AgentEvidence& agent : evidence.agents) {
    if (!agent.answered && (service.empty() || service == to_text(agent.service()))) {
      diagnosis.unseen.push_back(fmt::format("{} on {} could not be looked at: {}",
                                             to_text(agent.service()), agent.status.agent.host,
                                             agent.failure));
    }
  }
  if (!service.empty()) {
    std::erase_if(diagnosis.findings,
                  [&](const FoundCause& found) { return found.service != service; });
  }
  diagnosis.took = duration_cast<milliseconds>(context.clock.steady() - began);
  return diagnosis;
}

}  // namespace podplay::control
