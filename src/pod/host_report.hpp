// What podman knows of the pod, for a support bundle: versions, containers, volumes, and the last
// lines of each container's output.
#pragma once

#include <string>
#include <vector>

#include "pod/lifecycle.hpp"

namespace podplay::pod {

struct ReportFile {
  // "podman-info.txt"
  std::string name;
  std::string text;
};
// Never fails: a file says why something could not be found out. Nothing of it shows the
// containers' environment, which has secrets.
std::vector<ReportFile> report_host(const Lifecycle& lifecycle);

}  // namespace podplay::pod
