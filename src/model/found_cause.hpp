// A finding of a diagnosis: one cause that was found, what shows it, what follows from it, and what
// to do. The control plane and `podplay doctor` on the host say the same things in this form.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace podplay {

enum class CauseSeverity {
  // Something does not work now.
  broken,
  // Everything works, but it will not stay so.
  warning,
};

constexpr std::string_view to_text(CauseSeverity severity) {
  return severity == CauseSeverity::broken ? "broken" : "warning";
}

struct FoundCause {
  // The id of the cause, such as "daemon-configuration-refused".
  std::string cause;
  CauseSeverity severity = CauseSeverity::broken;
  // "apache", "bind", "mail", "api" or "host".
  std::string service;
  // The machine's PODPLAY_HOST_ID; empty: the whole pod.
  std::string host;
  // What is meant, such as the daemon or the domain; empty: the service.
  std::string subject;
  // The cause in one sentence.
  std::string title;
  // Lines, values and files that show it.
  std::vector<std::string> shown;
  // What follows from it.
  std::vector<std::string> follows;
  std::string remedy;
  // "docs/runbooks/daemons.md#daemon-out-of-memory".
  std::string runbook;
};

}  // namespace podplay
