// The diagnosis: what is wrong with the pod, as causes in the order of their importance.
#pragma once

#include <chrono>
#include <optional>
#include <string>
#include <vector>

#include "control/watch/diagnosis/evidence.hpp"
#include "model/found_cause.hpp"

namespace podplay::control {

struct Diagnosis {
  // The most important first; none: nothing is known to be wrong.
  std::vector<FoundCause> findings;
  // What could not be looked at, in sentences. Not a fault by itself.
  std::vector<std::string> unseen;
  std::chrono::milliseconds took{0};
};

// Applies every rule to the evidence. What another finding explains is folded into it. Pure.
std::vector<FoundCause> find_causes(const Evidence& evidence);

// Collects evidence and finds the causes; within about three seconds. `service`: apache, bind, mail
// or api; empty: all.
Result<Diagnosis> diagnose(Context& context, const std::string& service);

}  // namespace podplay::control
