// The diagnosis of the pod in answers.
#pragma once

#include "model/found_cause.hpp"
#include "wire/shape.hpp"

namespace podplay::wire {

extern const Shape kDiagnosis;

Json to_json(const FoundCause& found);
// A member that is missing or of another type is empty.
FoundCause found_cause_from_json(const Json& value);

}  // namespace podplay::wire
