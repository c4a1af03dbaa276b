// An agent is two columns: service and host. A row that comes again replaces the one before. A row
// of a service that this program does not know is skipped.
#include "store/agents.hpp"

#include "store/connection.hpp"

namespace podplay::store {
namespace {

constexpr const char* kAgentColumns = "service, host, settled, running";
constexpr const char* kRefusalColumns = "first_revision, last_revision, stage, daemon, message, at";
constexpr const char* kSetAsideColumns = "kind, name, daemon, message";

long long revision_number(Revision revision) { return static_cast<long long>(revision); }

}  // namespace

std::map<AgentName, AgentState> agent_states(Session& session) {
  std::map<AgentName, AgentState> states;
  const soci::rowset<soci::row> rows =
      (sql_of(session).prepare << "SELECT " << kAgentColumns << " FROM agents");
  for (const soci::row& row : rows) {
    if (const auto service = parse_service(row.get<std::string>(0))) {
      states[{*service, row.get<std::string>(1)}] = {
          .settled = static_cast<Revision>(row.get<long long>(2)),
          .running = static_cast<Revision>(row.get<long long>(3))};
    }
  }
  return states;
}

void put_agent_state(Transaction& transaction, const AgentName& agent, const AgentState& state) {
  const std::string service(to_text(agent.service));
  const long long settled = revision_number(state.settled);
  const long long running = revision_number(state.running);
  sql_of(transaction.session())
      << "INSERT INTO agents (" << kAgentColumns
      << ") VALUES (:service, :host, :settled, :running) ON CONFLICT (service, host) DO UPDATE SET "
         "settled = excluded.settled, running = excluded.running",
      soci::use(service), soci::use(agent.host), soci::use(settled), soci::use(running);
}

void insert_refusal(Transaction& transaction, const Refusal& refusal) {
  const std::string service(to_text(refusal.agent.service));
  const long long first = revision_number(refusal.first);
  const long long last = revision_number(refusal.last);
  const long long at = to_millis(refusal.at);
  sql_of(transaction.session())
      << "INSERT INTO refusals (service, host, " << kRefusalColumns
      << ") VALUES (:service, :host, :first, :last, :stage, :daemon, :message, :at) "
         "ON CONFLICT (service, host, last_revision) DO UPDATE SET stage = excluded.stage, "
         "daemon = excluded.daemon, message = excluded.message, at = excluded.at",
      soci::use(service), soci::use(refusal.agent.host), soci::use(first), soci::use(last),
      soci::use(refusal.stage), soci::use(refusal.daemon), soci::use(refusal.message),
      soci::use(at);
}

std::optional<Refusal> find_refusal(Session& session, const AgentName& agent, Revision id) {
  const std::string service(to_text(agent.service));
  const long long key = revision_number(id);
  const soci::rowset<soci::row> rows =
      (sql_of(session).prepare
           << "SELECT " << kRefusalColumns
           << " FROM refusals WHERE service = :service AND host = :host AND last_revision >= :id "
              "AND first_revision <= :id2 ORDER BY last_revision LIMIT 1",
       soci::use(service), soci::use(agent.host), soci::use(key), soci::use(key));
  for (const soci::row& row : rows) {
    return Refusal{.agent = agent,
                   .first = static_cast<Revision>(row.get<long long>(0)),
                   .last = static_cast<Revision>(row.get<long long>(1)),
                   .stage = row.get<std::string>(2),
                   .daemon = row.get<std::string>(3),
                   .message = row.get<std::string>(4),
                   .at = from_millis(row.get<long long>(5))};
  }
  return std::nullopt;
}

void delete_refusals(Transaction& transaction, const AgentName& agent, Revision last) {
  const std::string service(to_text(agent.service));
  const long long key = revision_number(last);
  sql_of(transaction.session())
      << "DELETE FROM refusals WHERE service = :service AND host = :host AND last_revision = :last",
      soci::use(service), soci::use(agent.host), soci::use(key);
}

void put_set_aside(Transaction& transaction, const AgentName& agent, const SetAsideRow& row,
                   WallTime now) {
  const std::string service(to_text(agent.service));
  const std::string kind(to_text(row.kind));
  const long long revision = revision_number(row.revision);
  const long long at = to_millis(now);
  sql_of(transaction.session())
      << "INSERT INTO set_aside (service, host, revision, at, " << kSetAsideColumns
      << ") VALUES (:service, :host, :revision, :at, :kind, :name, :daemon, :message) "
         "ON CONFLICT (service, host, kind, name) DO UPDATE SET revision = excluded.revision, "
         "daemon = excluded.daemon, message = excluded.message, at = excluded.at",
      soci::use(service), soci::use(agent.host), soci::use(revision), soci::use(at),
      soci::use(kind), soci::use(row.key), soci::use(row.daemon), soci::use(row.message);
}

void delete_set_aside(Transaction& transaction, const AgentName& agent, const SetAsideRow& row) {
  const std::string service(to_text(agent.service));
  const std::string kind(to_text(row.kind));
  sql_of(transaction.session()) << "DELETE FROM set_aside WHERE service = :service AND "
                                   "host = :host AND kind = :kind AND name = :name",
      soci::use(service), soci::use(agent.host), soci::use(kind), soci::use(row.key);
}

std::vector<SetAsideRow> find_set_aside(Session& session, const AgentName& agent,
                                        Revision revision) {
  const std::string service(to_text(agent.service));
  const long long key = revision_number(revision);
  const soci::rowset<soci::row> rows =
      (sql_of(session).prepare
           << "SELECT " << kSetAsideColumns
           << " FROM set_aside WHERE revision = :revision AND service = :service AND host = :host "
              "ORDER BY kind, name",
       soci::use(key), soci::use(service), soci::use(agent.host));
  std::vector<SetAsideRow> found;
  for (const soci::row& row : rows) {
    found.push_back({.kind = parse_row_kind(row.get<std::string>(0)).value_or(RowKind::domain),
                     .key = row.get<std::string>(1),
                     .revision = revision,
                     .daemon = row.get<std::string>(2),
                     .message = row.get<std::string>(3)});
  }
  return found;
}

}  // namespace podplay::store
