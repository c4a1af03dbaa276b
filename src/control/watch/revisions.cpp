// Outcomes of revisions: settled by the hub's word, refused by the store's.
#include "control/watch/revisions.hpp"

#include <fmt/format.h>

#include <algorithm>

namespace podplay::control {
namespace {

// What only changes rows is not refused together with files that are.
bool by_files(const store::RevisionRow& revision, ServiceName service) {
  return std::ranges::find(revision.snapshots, service) != revision.snapshots.end();
}

RevisionOutcome outcome_of(Context& context, store::Session& session, store::RevisionRow row) {
  RevisionOutcome outcome{std::move(row), ApplyState::applied, {}};
  for (const ServiceName service : outcome.revision.services) {
    ServiceOutcome one;
    one.service = service;
    if (context.hub.settled(service) < outcome.revision.id) {
      one.state = ApplyState::pending;
      if (outcome.state == ApplyState::applied) {
        outcome.state = ApplyState::pending;
      }
    } else if (auto refusal = by_files(outcome.revision, service)
                                  ? store::find_refusal(session, service, outcome.revision.id)
                                  : std::nullopt) {
      one = {service, ApplyState::refused, std::move(refusal->stage), std::move(refusal->daemon),
             std::move(refusal->message)};
      outcome.state = ApplyState::refused;
    } else {
      one.state = ApplyState::applied;
    }
    outcome.services.push_back(std::move(one));
  }
  return outcome;
}

}  // namespace

Result<RevisionOutcome> get_revision(Context& context, const Actor& actor, Revision id,
                                     std::chrono::milliseconds longest) {
  auto row = context.store.read<std::optional<store::RevisionRow>>(
      [&](store::Session& session) { return store::find_revision(session, id); });
  if (!row) {
    return std::unexpected(row.error());
  }
  if (!*row) {
    return fail(ErrorKind::not_found, "revision_unknown",
                fmt::format("there is no revision {}", id), "podplay revisions list shows them");
  }
  if (!actor.may_see_changes_of((**row).actor)) {
    return fail(ErrorKind::not_found, "revision_unknown",
                fmt::format("there is no revision {} of yours", id));
  }
  if (longest.count() > 0) {
    context.hub.wait_settled((**row).services, id, longest);
  }
  return context.store.read_together<RevisionOutcome>(
      [&](store::Session& session) { return outcome_of(context, session, std::move(**row)); });
}

Result<std::vector<RevisionOutcome>> list_revisions(Context& context, Revision before,
                                                    std::int64_t limit) {
  return context.store.read_together<std::vector<RevisionOutcome>>([&](store::Session& session) {
    std::vector<RevisionOutcome> outcomes;
    for (store::RevisionRow& row : store::list_revisions(session, before, limit)) {
      outcomes.push_back(outcome_of(context, session, std::move(row)));
    }
    return outcomes;
  });
}

Status recall_revisions(Context& context) {
  auto done = context.store.read<bool>([&](store::Session& session) {
    for (const auto& [service, state] : store::service_states(session)) {
      context.hub.settle(service, state.settled);
    }
    for (const ServiceName service : kServices) {
      context.hub.announce(service, store::newest_revision(session, service), true);
    }
    return true;
  });
  if (!done) {
    return std::unexpected(done.error());
  }
  return {};
}

}  // namespace podplay::control
