// Alerts as JSON (model/alert.hpp).
#pragma once

#include <optional>
#include <vector>

#include "model/alert.hpp"
#include "wire/shape.hpp"

namespace podplay::wire {

extern const Shape kAlert;
extern const Shape kAlertSilence;
extern const Shape kAlertsTested;

// What the API and a webhook say of an alert alike.
Json alert_facts(const Alert& alert);
Json to_json(const Alert& alert, const std::optional<AlertSilence>& silence,
             const std::vector<AlertNotice>& notices);

}  // namespace podplay::wire
