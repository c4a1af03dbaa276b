// How a stage of the pipe ends: it is done, or a Failure says where and why.
#pragma once

#include <expected>
#include <string>

#include "model/service.hpp"

namespace podplay::agent {

struct Failure {
  Stage stage;
  // Empty when no daemon is to blame.
  std::string daemon;
  // The daemon's own words.
  std::string message;
};

using Step = std::expected<void, Failure>;

}  // namespace podplay::agent
