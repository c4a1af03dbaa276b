// The causes that are found on the host, one row each.
#pragma once

#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "model/found_cause.hpp"

namespace podplay::pod {

struct HostCause {
  // kebab-case, unique with those of the control plane.
  std::string_view id;
  std::string_view service;
  // Each {} becomes the subject.
  std::string_view title;
  std::string_view remedy;
  std::string_view runbook;
};

std::span<const HostCause> host_causes();
// A finding of the cause, which must be in the table.
FoundCause make_cause(std::string_view id, const std::string& subject,
                      std::vector<std::string> shown, std::vector<std::string> follows = {});

}  // namespace podplay::pod
