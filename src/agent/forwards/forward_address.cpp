// A domain has no '=' and an alias of ours no '/', so both are found from the right.
#include "agent/forwards/forward_address.hpp"

#include <fmt/format.h>

#include "model/names.hpp"

namespace podplay::agent {
namespace {

std::string without_at(const std::string& address) {
  const std::size_t at = address.rfind('@');
  return address.substr(0, at) + "=" + address.substr(at + 1);
}

std::optional<std::string> with_at(std::string_view text) {
  const std::size_t equals = text.rfind('=');
  if (equals == text.npos) {
    return std::nullopt;
  }
  return fmt::format("{}@{}", text.substr(0, equals), text.substr(equals + 1));
}

}  // namespace

std::string to_address(const Forward& forward) {
  return fmt::format("{}/{}@{}", without_at(forward.target), without_at(forward.alias),
                     kForwardDomain);
}

std::optional<Forward> parse_forward(std::string_view address) {
  const std::size_t at = address.rfind('@');
  if (at == address.npos || address.substr(at + 1) != kForwardDomain) {
    return std::nullopt;
  }
  const std::string_view local = address.substr(0, at);
  const std::size_t slash = local.rfind('/');
  if (slash == local.npos) {
    return std::nullopt;
  }
  const auto target = with_at(local.substr(0, slash));
  const auto alias = with_at(local.substr(slash + 1));
  if (!target || !alias) {
    return std::nullopt;
  }
  const auto parsed = EmailAddress::parse(*target);
  const auto ours = AliasAddress::parse(*alias);
  if (!parsed || !ours) {
    return std::nullopt;
  }
  return Forward{.target = parsed->text(), .alias = ours->text()};
}

}  // namespace podplay::agent
