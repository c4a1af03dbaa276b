// A challenge is a row of the store; what the services show follows from it. So a crash leaves no
// challenge that nobody takes away: its order is still open, and goes on or is given up.
#include "control/certificates/solver.hpp"

#include <fmt/format.h>

#include "control/certificates/dns_hook.hpp"
#include "control/watch/revisions.hpp"
#include "control/zones.hpp"
#include "net/dns.hpp"
#include "store/feed.hpp"

namespace podplay::control {
namespace {

using namespace std::chrono;

// How long one look waits for the services to take the challenge.
constexpr milliseconds kSettleWait{5000};
constexpr milliseconds kSecondaryTimeout{2000};

// Shown by the web server.
bool is_web(const store::AcmeChallenge& challenge) { return challenge.txt_name.empty(); }
// Shown by a zone of ours.
bool is_dns(const store::AcmeChallenge& challenge) { return !challenge.zone.empty(); }
// Shown by a zone of others, where the administrator's program sets the record.
bool is_by_hook(const store::AcmeChallenge& challenge) {
  return !is_web(challenge) && !is_dns(challenge);
}

ServiceName service_of(const store::AcmeChallenge& challenge) {
  return is_dns(challenge) ? ServiceName::bind : ServiceName::apache;
}

void put_row(Change& change, const store::AcmeChallenge& challenge, bool deleted) {
  change.put(ServiceName::apache,
             {.key = challenge.token,
              .deleted = deleted,
              .content = ChallengeRow{.type = challenge.type,
                                      .identifier = challenge.identifier,
                                      .key_authorization = challenge.key_authorization}});
}

// What the service shows, after the store's row was written or deleted.
void show(Change& change, const store::AcmeChallenge& challenge, bool deleted) {
  if (is_dns(challenge)) {
    refresh_zone(change, challenge.zone);
  } else if (is_web(challenge)) {
    put_row(change, challenge, deleted);
  }
}

// The revision with which the service has to show the challenge. Nothing when its zone is gone.
std::optional<Revision> revision_of(store::Session& session,
                                    const store::AcmeChallenge& challenge) {
  const auto row =
      is_dns(challenge)
          ? store::find_feed_row(session, ServiceName::bind, RowKind::zone, challenge.zone)
          : store::find_feed_row(session, ServiceName::apache, RowKind::challenge, challenge.token);
  return row ? std::optional(row->revision) : std::nullopt;
}

std::unexpected<Error> not_shown(const store::AcmeChallenge& challenge,
                                 const RevisionOutcome& outcome) {
  std::string words;
  for (const ServiceOutcome& service : outcome.services) {
    if (service.state == ApplyState::refused) {
      words = fmt::format("{}: {}", service.daemon, service.message);
    }
  }
  return fail(
      ErrorKind::refused, "challenge_not_shown",
      fmt::format("{} does not show the {} challenge of {}: {}", to_text(service_of(challenge)),
                  challenge.type, challenge.identifier, words),
      "podplay doctor and the service's log say more");
}

// Authorities may ask any of a zone's servers.
bool is_at_secondaries(const Context& context, const store::AcmeChallenge& challenge) {
  const std::string name = challenge.txt_name + "." + challenge.zone;
  for (const std::string& one : context.settings.list("PODPLAY_DNS_SECONDARIES")) {
    const Secondary secondary = parse_secondary(one);
    if (secondary.name.empty()) {
      continue;
    }
    const auto answer =
        net::dns_query(secondary.address, 53, name, "TXT", false, kSecondaryTimeout);
    if (!answer ||
        std::ranges::find(answer->data, '"' + challenge.txt_value + '"') == answer->data.end()) {
      context.certificate_log.debug(
          "a secondary does not show the challenge yet",
          {{"secondary", secondary.name},
           {"name", name},
           {"why", answer ? "it has another answer" : describe(answer.error())}});
      return false;
    }
  }
  return true;
}

}  // namespace

const std::vector<ChallengePlan>& ChallengeSolver::plans(const acme::Identifier& identifier) {
  const auto known = plans_.find(identifier.text());
  if (known != plans_.end()) {
    return known->second;
  }
  return plans_[identifier.text()] = plans_for(context_, identifier, wished_);
}

std::vector<acme::ChallengeType> ChallengeSolver::types_for(const acme::Identifier& identifier) {
  std::vector<acme::ChallengeType> types;
  for (const ChallengePlan& plan : plans(identifier)) {
    types.push_back(plan.type);
  }
  return types;
}

Result<store::AcmeChallenge> ChallengeSolver::challenge_for(const acme::Placement& placement) {
  TRY(const auto identifier, acme::Identifier::parse(placement.identifier));
  store::AcmeChallenge challenge{.token = placement.token,
                                 .type = std::string(acme::to_text(placement.type)),
                                 .identifier = identifier.base(),
                                 .key_authorization = placement.key_authorization,
                                 .created = context_.clock.now()};
  if (placement.type != acme::ChallengeType::dns_01) {
    return challenge;
  }
  for (const ChallengePlan& plan : plans(identifier)) {
    if (plan.type == placement.type) {
      challenge.zone = plan.zone;
      // Relative to our zone.
      challenge.txt_name =
          plan.by_hook ? plan.txt_name
                       : plan.txt_name.substr(0, plan.txt_name.size() - plan.zone.size() - 1);
      challenge.txt_value = acme::txt_value(placement);
      return challenge;
    }
  }
  return fail(ErrorKind::conflict, "zone_not_ours",
              fmt::format("no zone here holds the TXT record for {}", placement.identifier),
              "let its zone be served here, set PODPLAY_DNS_HOOK, or choose http-01");
}

Status ChallengeSolver::place(const acme::Placement& placement) {
  TRY(const auto challenge, challenge_for(placement));
  TRY(write_change(context_, Actor::system(), {}, [&](Change& change) -> Status {
    if (store::find_challenge(change.transaction(), challenge.token)) {
      change.leave(0);
      return {};
    }
    store::put_challenge(change.transaction(), challenge);
    show(change, challenge, false);
    change.finish(
        "CHALLENGE_PLACED", challenge.identifier,
        fmt::format("place the {} challenge of {}", challenge.type, challenge.identifier));
    return {};
  }));
  if (is_by_hook(challenge)) {
    // The row comes first: whatever happens to the program, the record is taken away in the end.
    TRY(present_by_hook(context_, challenge.txt_name, challenge.txt_value));
  }
  context_.certificate_log.debug("placed a challenge",
                                 {{"type", challenge.type}, {"name", challenge.identifier}});
  return {};
}

Result<bool> ChallengeSolver::is_visible(const acme::Placement& placement) {
  struct Found {
    std::optional<store::AcmeChallenge> challenge;
    std::optional<Revision> revision;
  };
  TRY(const auto found, context_.store.read_together<Found>([&](store::Session& session) {
    Found both{.challenge = store::find_challenge(session, placement.token), .revision = {}};
    if (both.challenge) {
      both.revision = revision_of(session, *both.challenge);
    }
    return both;
  }));
  if (!found.challenge) {
    // A restored backup, for example.
    TRY(place(placement));
    return false;
  }
  if (is_by_hook(*found.challenge)) {
    return true;
  }
  if (!found.revision) {
    return fail(ErrorKind::conflict, "zone_not_ours",
                fmt::format("the zone {} is no longer served here", found.challenge->zone),
                "enable its domain, or choose http-01");
  }
  TRY(const auto outcome, get_revision(context_, Actor::system(), *found.revision, kSettleWait));
  if (outcome.state == ApplyState::refused) {
    return not_shown(*found.challenge, outcome);
  }
  return outcome.state == ApplyState::applied &&
         (!is_dns(*found.challenge) || is_at_secondaries(context_, *found.challenge));
}

Status ChallengeSolver::remove(const acme::Placement& placement) {
  TRY(const auto placed,
      context_.store.read<std::optional<store::AcmeChallenge>>([&](store::Session& session) {
        return store::find_challenge(session, placement.token);
      }));
  if (placed && is_by_hook(*placed)) {
    TRY(clean_up_by_hook(context_, placed->txt_name, placed->txt_value));
  }
  TRY(write_change(context_, Actor::system(), {}, [&](Change& change) -> Status {
    const auto challenge = store::find_challenge(change.transaction(), placement.token);
    if (!challenge) {
      change.leave(0);
      return {};
    }
    store::delete_challenge(change.transaction(), challenge->token);
    show(change, *challenge, true);
    change.finish(
        "CHALLENGE_REMOVED", challenge->identifier,
        fmt::format("remove the {} challenge of {}", challenge->type, challenge->identifier));
    return {};
  }));
  context_.certificate_log.debug(
      "removed a challenge", {{"type", to_text(placement.type)}, {"name", placement.identifier}});
  return {};
}

void put_all_challenges(Change& change) {
  for (const store::AcmeChallenge& challenge : store::list_challenges(change.transaction())) {
    if (is_web(challenge)) {
      put_row(change, challenge, false);
    }
  }
}

}  // namespace podplay::control
