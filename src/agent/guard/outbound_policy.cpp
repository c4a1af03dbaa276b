// The refusal is temporary (RFC 5321 section 4.2.1: 450), so that clients keep the message and send
// it later.
#include "agent/guard/outbound_policy.hpp"

#include <fmt/format.h>

#include "base/numbers.hpp"

namespace podplay::agent {
namespace {

std::string_view value_of(std::string_view request, std::string_view name) {
  while (!request.empty()) {
    const std::size_t end = std::min(request.find('\n'), request.size());
    const std::string_view line = request.substr(0, end);
    if (line.starts_with(name) && line.substr(name.size()).starts_with('=')) {
      return line.substr(name.size() + 1);
    }
    request.remove_prefix(std::min(end + 1, request.size()));
  }
  return {};
}

}  // namespace

std::string answer_outbound(guard::OutboundLimiter& outbound, std::string_view request) {
  const std::string account(value_of(request, "sasl_username"));
  if (account.empty()) {
    return "DUNNO";
  }
  const auto recipients = parse_number<std::int64_t>(value_of(request, "recipient_count"));
  const auto refusal = outbound.take(account, recipients.value_or(1));
  return refusal ? fmt::format("450 4.7.1 {}", refusal->words()) : "DUNNO";
}

}  // namespace podplay::agent
