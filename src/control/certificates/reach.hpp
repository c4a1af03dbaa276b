// Looks at a public address as an authority would. It is seen from inside: where a router does not
// lead us back to ourselves, "nothing" says little.
#pragma once

#include <chrono>
#include <string>
#include <vector>

namespace podplay::control {

// ours: our web server answers. other: something else does. nothing: nobody could be reached.
enum class Seen { ours, other, nothing };

struct Sight {
  Seen seen = Seen::nothing;
  // What answered, or why nothing did: "status 200 from nginx".
  std::string words{};
};

// Asks for a challenge that does not exist (RFC 8555 section 8.3).
Sight look_at_http(const std::string& address, int port, const std::string& name,
                   std::chrono::milliseconds timeout);
// Compares the certificate that is shown for the name with these fingerprints.
Sight look_at_tls(const std::string& address, int port, const std::string& name,
                  const std::vector<std::string>& versions, std::chrono::milliseconds timeout);

}  // namespace podplay::control
