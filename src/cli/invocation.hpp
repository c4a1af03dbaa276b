// One run of one command: its row, the options and words of the command line, and the world around
// it.
#pragma once

#include <string>
#include <vector>

#include "cli/commands.hpp"

namespace podplay::cli {

struct Invocation {
  World& world;
  const CommandRow& row;
  const Globals& globals;
  const Options& options;
  // The words after the verb, when the row passes them on.
  std::vector<std::string> words{};
};

// The functions of the rows, by subject. Each returns the exit code, and has reported a failure.

// login.cpp: the login of this command line.
int run_login(const Invocation& invocation);
int run_logout(const Invocation& invocation);
int run_bootstrap(const Invocation& invocation);
// factors.cpp: an authenticator app, from the QR code to its first code.
int run_totp(const Invocation& invocation);
// account.cpp: the copy of the own data, and registrations that are pending.
int run_account_export(const Invocation& invocation);
int run_get_pending(const Invocation& invocation);
// journey_tests.cpp: the journeys, walked against the running system.
int run_registration_test(const Invocation& invocation);
int run_all_tests(const Invocation& invocation);
int run_log_test(const Invocation& invocation);
// monitoring.cpp: figures, and whether alerts arrive.
int run_metrics(const Invocation& invocation);
int run_alerts_test(const Invocation& invocation);
// log_levels.cpp: the levels of logs.
int run_log_levels(const Invocation& invocation);
// monitor.cpp
int run_monitor(const Invocation& invocation);
// support_bundle.cpp: all that shows how the server is, in one archive.
int run_support_bundle(const Invocation& invocation);
// debug.cpp: the large tools, beside a service.
int run_debug(const Invocation& invocation);
// pod_commands.cpp: the pod on this host.
int run_up(const Invocation& invocation);
int run_down(const Invocation& invocation);
int run_wait(const Invocation& invocation);
int run_where(const Invocation& invocation);
int run_podman(const Invocation& invocation);
// doctor.cpp: what is wrong with this host and the pod, and why.
int run_doctor(const Invocation& invocation);
// escalate.cpp: a better issuer for a certificate.
int run_escalate(const Invocation& invocation);
// trust.cpp: the pod's root certificate on this machine.
int run_trust(const Invocation& invocation);
// about.cpp: the program itself.
int run_version(const Invocation& invocation);
int run_settings_doc(const Invocation& invocation);
int run_completion(const Invocation& invocation);
// names.cpp: what the shells complete besides words of ours.
int run_names(const Invocation& invocation);
// api_command.cpp: the one HTTP call of a row without a function.
int run_api_command(const Invocation& invocation);

}  // namespace podplay::cli
