// The recipient that stands in Postfix's queue for mail that an alias sends on to another server:
//   someone=elsewhere.example/ext=ours.test@forward.podplay.invalid
// It names the target and the alias. Postfix gives such mail to the agent (forward_server.hpp),
// which sends it on with a sender of ours.
#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace podplay::agent {

// In no DNS (RFC 2606 section 2). main.cf and master.cf name it too.
inline constexpr std::string_view kForwardDomain = "forward.podplay.invalid";

struct Forward {
  std::string target;
  // "ext@ours.test", or "@ours.test" for a catch-all.
  std::string alias;
};

std::string to_address(const Forward& forward);
// Nothing for any other address.
std::optional<Forward> parse_forward(std::string_view address);

}  // namespace podplay::agent
