// What a rule is: a function from the evidence to what shows its cause, or nothing.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "control/watch/diagnosis/evidence.hpp"

namespace podplay::control {

struct Shown {
  // What the cause is about, such as a daemon, domain or account; it fills the {} of title and
  // remedy.
  std::string subject{};
  // Lines, values and files that show the cause. At most 10 are kept.
  std::vector<std::string> shown;
  // What follows from it, in sentences.
  std::vector<std::string> follows{};
};

// Rules are pure: they read the evidence and nothing else, and they are quick. Evidence that is
// missing shows nothing: a rule then returns nothing. It is called while a service starts, too.
using AgentRule = std::optional<Shown> (*)(const Evidence& evidence, const AgentEvidence& agent);
using PodRule = std::optional<Shown> (*)(const Evidence& evidence);

}  // namespace podplay::control
