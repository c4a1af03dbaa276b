// Mail that waits in Postfix's queue for a mailbox that is deleted is returned to who sent it, so
// that a later owner of the address does not get it. What is on hold stays where it is.
#pragma once

#include "control/change.hpp"
#include "control/jobs/run.hpp"

namespace podplay::control {

// A job; its subject is the address.
inline constexpr const char* kWaitingMailJob = "waiting_mail_return";

// Inside the change that deletes the mailbox. The caller wakes the jobs after the commit.
void add_waiting_mail_job(Change& change, const Actor& actor, const std::string& address);

// The handler. Fails while some of the mail still waits, so that it is tried again.
Status return_waiting_mail(Context& context, JobRun& run);

}  // namespace podplay::control
