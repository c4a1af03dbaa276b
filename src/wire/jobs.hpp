// Jobs as JSON. Times that have not come yet are null.
#pragma once

#include <vector>

#include "model/job.hpp"
#include "wire/shape.hpp"

namespace podplay::wire {

extern const Shape kJob;

Json to_json(const Job& job);
// The same with its steps.
Json to_json(const Job& job, const std::vector<JobStep>& steps);

}  // namespace podplay::wire
