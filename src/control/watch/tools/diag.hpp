// What a service looks like from the inside (looks/look.hpp): asked of its agent, or found here for
// the control plane itself.
#pragma once

#include <chrono>
#include <string>

#include "control/context.hpp"
#include "looks/look.hpp"

namespace podplay::control {

struct ServiceLook {
  std::string service;
  std::string host;
  WallTime at{};
  std::chrono::milliseconds took{0};
  // A member for each look, as its shape says (wire/diag.hpp).
  looks::LookJson looks = looks::LookJson::object();
};

// `service`: apache, bind, mail or api. `host`: the machine (PODPLAY_HOST_ID); empty: our own.
// `asked` may come from anybody: all of its faults are named. Its `domain`, `host` and `servers`
// are filled in here, so nothing but the pod's own servers and its forwarders is ever asked.
Result<ServiceLook> look_at_service(Context& context, const Actor& actor,
                                    const std::string& service, const std::string& host,
                                    looks::LookQuestion asked);

}  // namespace podplay::control
