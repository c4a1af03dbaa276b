// The control plane's half of the link: enrolment, work for agents, their reports.
#pragma once

#include <functional>
#include <string>
#include <vector>

#include "control/context.hpp"
#include "wire/link.hpp"

namespace podplay::control {

struct Enrolment {
  // PEM
  std::string certificate;
  WallTime expires{};
};

// In the init container: makes new secrets for the agents of this host.
Status prepare_enrolment(Context& context);
// Makes a new secret for the agent, and keeps its hash for the control plane. Only this agent can
// enrol with it, so that one host's secret lets nobody in as another host.
Result<Secret> make_enrolment_secret(Context& context, const AgentName& agent);
// An empty `host` is this control plane's own.
Result<Enrolment> enrol(Context& context, const std::string& service, const std::string& host,
                        const Secret& secret, const std::string& request);
Result<Enrolment> renew(Context& context, const AgentName& agent, const std::string& request);

// Whether the agent has closed the connection on which it asks (net::HttpRequest::hung_up).
using HungUp = std::function<bool()>;

// What there is to do, as the text of the answer on the link. Answers when there is work for the
// agent, or after the question's wait.
Result<std::string> give_work(Context& context, const AgentName& agent,
                              const wire::WorkQuestion& question, const HungUp& hung_up = {});
// Answers when there are commands that this instance of the agent has not been given yet, or empty
// after the question's wait.
std::vector<AgentCommand> give_commands(Context& context, const AgentName& agent,
                                        const wire::CommandsQuestion& question,
                                        const HungUp& hung_up = {});
Status take_report(Context& context, const AgentName& agent, const ApplyReport& report);

}  // namespace podplay::control
