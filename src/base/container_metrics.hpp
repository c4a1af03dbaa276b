// The room and the memory of a container as metrics: the same for agents and the control plane.
#pragma once

#include <string>
#include <vector>

#include "base/metrics.hpp"

namespace podplay {

struct MeasuredVolume {
  // Of the label `volume`.
  std::string name;
  std::string path;
};
// A volume that is not there is left out.
void add_volume_metrics(MetricText& text, const std::vector<MeasuredVolume>& volumes);
void add_memory_metrics(MetricText& text);

}  // namespace podplay
