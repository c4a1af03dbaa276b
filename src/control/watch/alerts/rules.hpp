// What makes an alert: a rule for each kind of problem, over what was seen. Pure. The cause comes
// from the diagnosis where that names one; otherwise the symptom is told.
#pragma once

#include <map>
#include <set>
#include <string>
#include <vector>

#include "control/certificates/overview.hpp"
#include "control/watch/alerts/input.hpp"
#include "control/watch/diagnosis/diagnose.hpp"
#include "model/report.hpp"

namespace podplay::control {

struct PodLook {
  std::vector<ServiceStatus> services;
  // Prometheus text, by agent: "mail@main".
  std::map<std::string, std::string> metrics;
  // The agents that were asked for them and did not answer. What they told before may be old.
  std::set<std::string> silent{};
  // Those that somebody should look at.
  std::vector<CertificateOverview> certificates;
  // What the control plane found out itself, about itself and about services.
  std::vector<ServiceCheck> checks{};
  // How often a daemon has ended by itself within an hour, by "mail@main:postfix".
  std::map<std::string, int> restarts;
};

struct AlertLimits {
  // Share of a volume, 0 to 1.
  double volume = 0.9;
  double queue = 500;
  // Seconds.
  double queue_age = 14'400;
  int restarts = 3;
};
AlertLimits alert_limits(const Settings& settings);

// What is wrong, by its signs.
AlertView find_symptoms(const PodLook& look, const AlertLimits& limits);
// Puts causes in the place of the symptoms that they explain: those of the same service. A symptom
// in `told` stays, since somebody was told of it and waits for the end of it.
void add_causes(AlertView& view, const std::vector<FoundCause>& causes,
                const std::set<std::string>& told);

}  // namespace podplay::control
