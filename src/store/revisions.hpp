// Revisions in the store, and the services that each concerns.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "model/service.hpp"
#include "store/store.hpp"

namespace podplay::store {

struct RevisionRow {
  Revision id = 0;
  WallTime at{};
  std::string actor;
  std::string request_id;
  // "create user test@example.com"
  std::string summary;
  // The services that it concerns.
  std::vector<ServiceName> services;
  // The services whose files it concerns, and not only their rows.
  std::vector<ServiceName> snapshots;
};

void insert_revision(Transaction& transaction, const RevisionRow& row);
std::optional<RevisionRow> find_revision(Session& session, Revision id);
// Newest first, below the revision `before`. With 0 the list begins with the newest.
std::vector<RevisionRow> list_revisions(Session& session, Revision before, std::int64_t limit);
// The newest revision that concerns the service; 0 when there is none.
Revision newest_revision(Session& session, ServiceName service);

}  // namespace podplay::store
