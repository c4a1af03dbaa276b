// The sources of facts, one after the other; they share the store's readers.
#include "control/watch/diagnosis/facts.hpp"

namespace podplay::control {

std::span<const FactSource> fact_sources() {
  // None yet.
  return {};
}

}  // namespace podplay::control
