// The services of the pod in requests and answers.
#pragma once

#include "model/health.hpp"
#include "wire/shape.hpp"

namespace podplay::wire {

extern const Shape kRestart;

extern const Shape kLive;
extern const Shape kReadiness;
extern const Shape kSystemStatus;
extern const Shape kRestarted;
extern const Shape kStarted;
extern const Shape kHealthChange;

Json to_json(const HealthChange& change);

}  // namespace podplay::wire
