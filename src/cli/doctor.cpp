// `podplay doctor`: looks at this host, asks the control plane for its diagnosis, and prints both
// in one list. It needs neither the control plane nor a login: then it says what it could not see.
#include "pod/doctor.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "base/print.hpp"
#include "cli/caller.hpp"
#include "cli/invocation.hpp"
#include "cli/pod_commands.hpp"
#include "cli/show/exit_code.hpp"
#include "model/settings.hpp"
#include "wire/diagnosis.hpp"

namespace podplay::cli {
namespace {

using namespace std::chrono;

// A control plane that is well answers /livez at once. It is asked twice.
constexpr milliseconds kLiveWait{2000};
constexpr milliseconds kDiagnosisWait{20000};

struct Examination {
  std::vector<FoundCause> findings;
  std::vector<pod::Finding> facts;
  std::vector<std::string> unseen;
  // The control plane says that every service is ready.
  bool ready = false;
};

void take_answer(const Json& answer, std::vector<FoundCause>& of_pod, Examination& seen) {
  for (const Json& found : answer.value("findings", Json::array())) {
    of_pod.push_back(wire::found_cause_from_json(found));
  }
  for (const Json& words : answer.value("unseen", Json::array())) {
    if (words.is_string()) {
      seen.unseen.push_back(words.get<std::string>());
    }
  }
}

// What the control plane finds; what keeps it from answering is a cause, too.
std::vector<FoundCause> ask_control_plane(const Invocation& invocation, const pod::HostLook& look,
                                          Examination& seen) {
  std::vector<FoundCause> of_pod;
  auto caller = make_caller(invocation.world, invocation.globals);
  if (!caller) {
    seen.unseen.push_back("the services: " + describe(caller.error()));
    return of_pod;
  }
  caller->limit_time(kLiveWait);
  if (const auto live = caller->call({.method = "GET", .path = "/livez"});
      !live && !caller->problem()) {
    // Why its container does not run has been said already.
    const bool ended = !look.causes.empty() && look.control_plane != "running" && look.pod_exists;
    const bool said = ended || pod::is_cut_off(look);
    if (said) {
      return of_pod;
    }
    if (auto cause = pod::silent_control_plane(look, live.error())) {
      of_pod.push_back(std::move(*cause));
    } else {
      seen.unseen.emplace_back("the services: the control plane is starting");
    }
    return of_pod;
  }
  caller->limit_time(kDiagnosisWait);
  if (const auto readiness = caller->call({.method = "GET", .path = "/readyz"})) {
    seen.ready = readiness->value("ready", false);
  }
  const auto answer = caller->call({.method = "GET", .path = "/api/system/diagnosis"});
  if (answer) {
    take_answer(*answer, of_pod, seen);
  } else if (auto cause = pod::cause_of_problem(answer.error())) {
    of_pod.push_back(std::move(*cause));
  } else if (answer.error().kind == ErrorKind::unauthorized ||
             answer.error().kind == ErrorKind::forbidden) {
    seen.unseen.emplace_back("the services: log in as an administrator (`podplay login`)");
  } else {
    seen.unseen.push_back("the services: " + describe(answer.error()));
  }
  return of_pod;
}

Examination examine(const Invocation& invocation) {
  Examination seen;
  const auto settings = effective_settings(invocation.world.environment);
  if (!settings) {
    seen.findings = pod::causes_of_settings(settings.error());
    return seen;
  }
  // A server that is named on the command line may be anywhere: this host says nothing about it.
  const bool elsewhere = !invocation.globals.base_url.empty();
  pod::HostLook look;
  if (!elsewhere) {
    look = pod::look_at_host(pod_lifecycle(invocation.world, *settings));
  }
  seen.facts = std::move(look.facts);
  std::vector<FoundCause> of_pod;
  if ((look.pod_exists || elsewhere) && !invocation.options.flag("--host-only")) {
    of_pod = ask_control_plane(invocation, look, seen);
  }
  seen.findings = pod::put_together(look, of_pod, seen.ready);
  const std::string& service = invocation.options.text("service");
  if (!service.empty()) {
    std::erase_if(seen.findings, [&](const FoundCause& found) {
      return found.service != service && found.subject != service;
    });
  }
  return seen;
}

void print_finding(std::FILE* out, const FoundCause& found, std::size_t number) {
  print_to(out, "{}. {}{}\n", number, found.severity == CauseSeverity::warning ? "(warning) " : "",
           found.title);
  print_to(out, "   cause    {} ({})\n", found.cause, found.service);
  for (const std::string& line : found.shown) {
    print_to(out, "   seen     {}\n", line);
  }
  for (const std::string& line : found.follows) {
    print_to(out, "   follows  {}\n", line);
  }
  print_to(out, "   do       {}\n", found.remedy);
  if (!found.runbook.empty()) {
    print_to(out, "   read     {}\n", found.runbook);
  }
}

void print_all(std::FILE* out, const Examination& seen) {
  for (const pod::Finding& fact : seen.facts) {
    print_to(out, "[{}] {}.\n", fact.action.empty() ? "ok" : "note", fact.fact);
    if (!fact.action.empty()) {
      print_to(out, "       -> {}\n", fact.action);
    }
  }
  for (std::size_t i = 0; i < seen.findings.size(); ++i) {
    print_to(out, "\n");
    print_finding(out, seen.findings[i], i + 1);
  }
  for (const std::string& words : seen.unseen) {
    print_to(out, "[not seen] {}\n", words);
  }
  if (seen.findings.empty() && seen.unseen.empty()) {
    print_to(out, "[ok] nothing is known to be wrong.\n");
  }
}

Json to_json(const Examination& seen) {
  Json findings = Json::array();
  for (const FoundCause& found : seen.findings) {
    findings.push_back(wire::to_json(found));
  }
  return {{"well", seen.findings.empty() && seen.unseen.empty()},
          {"findings", std::move(findings)},
          {"unseen", seen.unseen}};
}

}  // namespace

int run_doctor(const Invocation& invocation) {
  const Examination seen = examine(invocation);
  std::FILE* out = invocation.world.out;
  if (invocation.globals.json) {
    print_text(out, to_json(seen).dump(2, ' ', false, Json::error_handler_t::replace) + "\n");
  } else {
    print_all(out, seen);
  }
  // What could not be seen for want of a login is no fault.
  return seen.findings.empty() ? 0 : 1;
}

}  // namespace podplay::cli
