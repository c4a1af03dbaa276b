// The sources of facts, one after the other; they share the store's readers.
#include "control/watch/diagnosis/facts.hpp"

#include <array>

namespace podplay::control {

std::span<const FactSource> fact_sources() {
  static constexpr std::array kSources = std::to_array<FactSource>(
      {add_feed_facts, add_certificate_facts, add_login_facts, add_web_facts, add_dns_facts});
  return kSources;
}

}  // namespace podplay::control
