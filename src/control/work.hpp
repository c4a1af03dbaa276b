// The control plane's half of the link: enrolment, work for agents, their reports.
#pragma once

#include <string>

#include "control/context.hpp"
#include "wire/link.hpp"

namespace podplay::control {

struct Enrolment {
  // PEM
  std::string certificate;
  WallTime expires{};
};

// init: fresh secrets for the services, their hashes for us.
Status prepare_enrolment(Context& context);
Result<Enrolment> enrol(Context& context, const std::string& service, const Secret& secret,
                        const std::string& request);
Result<Enrolment> renew(Context& context, ServiceName service, const std::string& request);

// Answers when there is work for the service, or empty after the question's wait.
Result<wire::WorkAnswer> give_work(Context& context, ServiceName service,
                                   const wire::WorkQuestion& question);
Status take_report(Context& context, ServiceName service, const ApplyReport& report);

}  // namespace podplay::control
