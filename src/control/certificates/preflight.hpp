// What would make an order fail, found before the authority is asked: a failed order counts against
// the authority's limits.
#pragma once

#include <string>
#include <vector>

#include "control/context.hpp"
#include "model/acme_account.hpp"
#include "model/certificate.hpp"

namespace podplay::control {

struct Finding {
  // The name or address that it is about; empty: all of them.
  std::string name;
  // Stable and in snake_case: "points_elsewhere", "caa_forbids", "port_closed".
  std::string code;
  // True: the authority will refuse. False: it may be fine, or could not be found out.
  bool fatal = false;
  // One sentence that says what was seen.
  std::string message;
  // One sentence that says what to do.
  std::string remedy;
};

// Looks at each name of the certificate as this authority would, and changes nothing. Empty:
// nothing was found. Takes seconds when resolvers do not answer.
std::vector<Finding> preflight(Context& context, const Certificate& certificate,
                               const AcmeAccount& account);

}  // namespace podplay::control
