// A wildcard's authorization names the domain without "*." and says so in a member of its own (RFC
// 8555 section 7.1.4).
#include "acme/authorization.hpp"

#include <fmt/format.h>

#include "acme/reading.hpp"

namespace podplay::acme {
namespace {

constexpr std::pair<std::string_view, AuthorizationStatus> kAuthorizationStatusWords[] = {
    {"pending", AuthorizationStatus::pending}, {"valid", AuthorizationStatus::valid},
    {"invalid", AuthorizationStatus::invalid}, {"deactivated", AuthorizationStatus::deactivated},
    {"expired", AuthorizationStatus::expired}, {"revoked", AuthorizationStatus::revoked},
};

}  // namespace

Result<Authorization> get_authorization(Client& client, const std::string& url) {
  TRY(const auto answer, client.post_as_get(url, "read an authorization"));
  const bool wildcard = flag_at(answer.body, "wildcard");
  const std::string name = text_at(part_at(answer.body, "identifier"), "value");
  TRY(auto identifier, Identifier::parse((wildcard ? "*." : "") + name, "identifier"));
  Authorization authorization{.url = url,
                              .status = word_at(answer.body, "status", kAuthorizationStatusWords,
                                                AuthorizationStatus::unknown),
                              .identifier = std::move(identifier),
                              .challenges = {},
                              .retry_after = answer.retry_after};
  for (const Json& one : part_at(answer.body, "challenges")) {
    if (auto challenge = challenge_from(one)) {
      authorization.challenges.push_back(std::move(*challenge));
    }
  }
  return authorization;
}

Status deactivate_authorization(Client& client, const std::string& url) {
  TRY(client.post(url, {{"status", "deactivated"}}, "deactivate an authorization"));
  return {};
}

Fault failure_of(const Authorization& authorization) {
  const std::string& name = authorization.identifier.text();
  for (const Challenge& challenge : authorization.challenges) {
    if (challenge.status == ChallengeStatus::invalid) {
      const Error error = to_error(
          challenge.error, fmt::format("validate {} with {}", name, to_text(challenge.type)));
      return {.field = name, .code = error.code, .message = error.message, .remedy = error.remedy};
    }
  }
  return {.field = name,
          .code = "acme_not_validated",
          .message = fmt::format("{} was not validated, and the authority gave no reason", name),
          .remedy = "order again"};
}

}  // namespace podplay::acme
