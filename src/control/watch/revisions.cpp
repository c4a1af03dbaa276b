// The hub knows up to which revision each service has settled; the store knows which it refused. A
// revision that is settled and not refused is applied.
#include "control/watch/revisions.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "store/agents.hpp"

namespace podplay::control {
namespace {

// A refusal covers a range of revisions and is about files: a revision in that range which only
// changes rows is not refused.
bool changes_files(const store::RevisionRow& revision, ServiceName service) {
  return std::ranges::find(revision.snapshots, service) != revision.snapshots.end();
}

ServiceOutcome outcome_at(Context& context, store::Session& session,
                          const store::RevisionRow& revision, const AgentName& agent) {
  ServiceOutcome outcome;
  outcome.agent = agent;
  if (context.hub.settled(agent) < revision.id) {
    return outcome;
  }
  outcome.state = ApplyState::applied;
  if (changes_files(revision, agent.service)) {
    if (auto refusal = store::find_refusal(session, agent, revision.id)) {
      outcome.state = ApplyState::refused;
      outcome.stage = std::move(refusal->stage);
      outcome.daemon = std::move(refusal->daemon);
      outcome.message = std::move(refusal->message);
      return outcome;
    }
  }
  for (SetAsideRow& row : store::find_set_aside(session, agent, revision.id)) {
    outcome.state = ApplyState::refused;
    outcome.stage = to_text(Stage::probe);
    outcome.daemon = std::move(row.daemon);
    outcome.message +=
        fmt::format("{}the {} {} is set aside: {}", outcome.message.empty() ? "" : "\n",
                    to_text(row.kind), row.key, row.message);
  }
  return outcome;
}

// Refused when one agent refused it, pending while one has not settled it.
ApplyState summary_of(const std::vector<ServiceOutcome>& outcomes) {
  ApplyState state = ApplyState::applied;
  for (const ServiceOutcome& one : outcomes) {
    if (one.state == ApplyState::refused) {
      return ApplyState::refused;
    }
    if (one.state == ApplyState::pending) {
      state = ApplyState::pending;
    }
  }
  return state;
}

RevisionOutcome outcome_of(Context& context, store::Session& session, store::RevisionRow row) {
  RevisionOutcome outcome{std::move(row), ApplyState::applied, {}};
  for (const ServiceName service : outcome.revision.services) {
    for (const AgentName& agent : context.hub.agents(service)) {
      outcome.services.push_back(outcome_at(context, session, outcome.revision, agent));
    }
  }
  outcome.state = summary_of(outcome.services);
  return outcome;
}

}  // namespace

Result<RevisionOutcome> get_revision(Context& context, const Actor& actor, Revision id,
                                     std::chrono::milliseconds longest) {
  TRY(auto row, context.store.read<std::optional<store::RevisionRow>>(
                    [&](store::Session& session) { return store::find_revision(session, id); }));
  if (!row) {
    return fail(ErrorKind::not_found, "revision_unknown",
                fmt::format("there is no revision {}", id), "podplay revisions list shows them");
  }
  if (!actor.may_see_changes_of(row->actor)) {
    return fail(ErrorKind::not_found, "revision_unknown",
                fmt::format("there is no revision {} of yours", id));
  }
  if (longest.count() > 0) {
    context.hub.wait_settled(row->services, id, longest);
  }
  return context.store.read_together<RevisionOutcome>(
      [&](store::Session& session) { return outcome_of(context, session, std::move(*row)); });
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
  TRY(context.store.read<bool>([&](store::Session& session) {
    for (const auto& [agent, state] : store::agent_states(session)) {
      context.hub.expect(agent);
      context.hub.settle(agent, state.settled);
    }
    for (const ServiceName service : kServices) {
      context.hub.announce(service, store::newest_revision(session, service), true);
    }
    return true;
  }));
  return {};
}

}  // namespace podplay::control
