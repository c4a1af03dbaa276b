// Authorizations: what an authority wants to see before it believes that a name is ours (RFC 8555
// section 7.5). It may reuse one of an earlier order, which is valid at once.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "acme/challenge.hpp"

namespace podplay::acme {

enum class AuthorizationStatus { pending, valid, invalid, deactivated, expired, revoked, unknown };

struct Authorization {
  std::string url;
  AuthorizationStatus status = AuthorizationStatus::unknown;
  // With "*." for a wildcard.
  Identifier identifier;
  // Those of known types.
  std::vector<Challenge> challenges;
  std::optional<std::chrono::seconds> retry_after;
};

Result<Authorization> get_authorization(Client& client, const std::string& url);
// Gives it up: the authority no longer believes that the name is ours, and a failed order's pending
// ones do not count against its limits.
Status deactivate_authorization(Client& client, const std::string& url);

// Why it is not valid, with the failed challenge's words.
Fault failure_of(const Authorization& authorization);

}  // namespace podplay::acme
