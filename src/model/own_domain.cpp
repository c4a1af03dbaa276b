// The limit follows from the longest name that a zone of ours has.
#include "model/own_domain.hpp"

#include <fmt/format.h>

namespace podplay {
namespace {

// In octets, RFC 1035 section 2.3.4.
constexpr std::size_t kMostName = 253;
// The longest name above the apex of a zone (control/dns.cpp).
constexpr std::string_view kLongestPrefix = "_autodiscover._tcp.";
constexpr std::size_t kMostOwnDomain = kMostName - kLongestPrefix.size();

}  // namespace

Result<DomainName> parse_own_domain(std::string_view text, std::string_view field) {
  TRY(auto name, DomainName::parse(text, field));
  const std::size_t size = name.text().size();
  if (size <= kMostOwnDomain) {
    return name;
  }
  return fail_faults(
      {{.field = std::string(field),
        .code = "domain_too_long",
        .message =
            fmt::format("'{}...' has {} octets; a domain here has at most {}, since {}DOMAIN "
                        "must fit into {} as well",
                        name.text().substr(0, 80), size, kMostOwnDomain, kLongestPrefix, kMostName),
        .remedy = "use a shorter name"}});
}

}  // namespace podplay
