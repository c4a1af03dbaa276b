// What becomes of alerts when a look is done: a problem that stands long enough opens an alert, one
// that stays is repeated, one that is gone long enough has recovered. Durable: a control plane that
// is killed goes on where it was.
#pragma once

#include "control/context.hpp"
#include "control/watch/alerts/input.hpp"
#include "store/alerts.hpp"

namespace podplay::control {

// What a look changes of one alert, and which notice is due; pure.
struct AlertRules {
  std::chrono::milliseconds after{120'000};
  std::chrono::milliseconds repeat{24 * 3'600'000};
  AlertSeverity least = AlertSeverity::warning;
  // There is a receiver.
  bool sends = true;
};
struct WeighedAlert {
  Alert alert;
  // It was gone before it was told to anybody.
  bool forget = false;
  // The event of the notice that is due; empty: none.
  std::string notice;
};
// `input`: nullptr when the problem does not stand. `seen`: whether its source was asked.
WeighedAlert weigh_alert(Alert alert, const AlertInput* input, bool seen, bool silenced,
                         const AlertRules& rules, WallTime now);

// One transaction: all alerts, and the notices and jobs that follow.
Status weigh_alerts(Context& context, const AlertView& view);

AlertRules alert_rules(const Settings& settings);
// Over which ways alerts are sent: of "mail" and "webhook".
std::vector<std::string> alert_ways(const Settings& settings);

}  // namespace podplay::control
