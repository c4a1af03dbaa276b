// The agents in the store: how far each has settled the changes, which revisions it refused, and
// which rows it has set aside.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <vector>

#include "model/report.hpp"
#include "store/store.hpp"

namespace podplay::store {

struct AgentState {
  // Every revision up to this one is applied or refused.
  Revision settled = 0;
  // The revision of the release in use.
  Revision running = 0;
};

// A range of revisions that an agent refused at once.
struct Refusal {
  AgentName agent;
  Revision first = 0;
  Revision last = 0;
  std::string stage;
  std::string daemon;
  std::string message;
  WallTime at{};
};

// All agents that ever enrolled.
std::map<AgentName, AgentState> agent_states(Session& session);
void put_agent_state(Transaction& transaction, const AgentName& agent, const AgentState& state);

void insert_refusal(Transaction& transaction, const Refusal& refusal);
std::optional<Refusal> find_refusal(Session& session, const AgentName& agent, Revision id);
// Call this when the revision `last` was refused and is applied after all.
void delete_refusals(Transaction& transaction, const AgentName& agent, Revision last);

void put_set_aside(Transaction& transaction, const AgentName& agent, const SetAsideRow& row,
                   WallTime now);
void delete_set_aside(Transaction& transaction, const AgentName& agent, const SetAsideRow& row);
// The rows of this revision that the agent has set aside.
std::vector<SetAsideRow> find_set_aside(Session& session, const AgentName& agent,
                                        Revision revision);

}  // namespace podplay::store
