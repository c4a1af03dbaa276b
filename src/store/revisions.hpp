// Revisions, which services they concern, and what became of them.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <vector>

#include "model/report.hpp"
#include "store/store.hpp"

namespace podplay::store {

struct RevisionRow {
  Revision id = 0;
  WallTime at{};
  std::string actor;
  std::string request_id;
  // "create user test@example.com"
  std::string summary;
  // that it concerns
  std::vector<ServiceName> services;
  // those whose files it concerns, and not only rows
  std::vector<ServiceName> snapshots;
};

// A range of revisions that a service refused at once.
struct Refusal {
  ServiceName service = ServiceName::apache;
  Revision first = 0;
  Revision last = 0;
  std::string stage;
  std::string daemon;
  std::string message;
  WallTime at{};
};

struct ServiceState {
  // everything up to it is applied or refused
  Revision settled = 0;
  // the release in use
  Revision running = 0;
};

void insert_revision(Transaction& transaction, const RevisionRow& row);
std::optional<RevisionRow> find_revision(Session& session, Revision id);
// newest first; 0: from the newest
std::vector<RevisionRow> list_revisions(Session& session, Revision before, std::int64_t limit);
// 0: none
Revision newest_revision(Session& session, ServiceName service);
std::map<ServiceName, ServiceState> service_states(Session& session);
void put_service_state(Transaction& transaction, ServiceName service, const ServiceState& state);
void insert_refusal(Transaction& transaction, const Refusal& refusal);
std::optional<Refusal> find_refusal(Session& session, ServiceName service, Revision id);
// What was refused as the revision `last` has come through after all.
void delete_refusals(Transaction& transaction, ServiceName service, Revision last);

}  // namespace podplay::store
