// Revisions, which services they concern, and what became of them.
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
  // that it concerns
  std::vector<ServiceName> services;
  // those whose files it concerns, and not only rows
  std::vector<ServiceName> snapshots;
};

void insert_revision(Transaction& transaction, const RevisionRow& row);
std::optional<RevisionRow> find_revision(Session& session, Revision id);
// newest first; 0: from the newest
std::vector<RevisionRow> list_revisions(Session& session, Revision before, std::int64_t limit);
// 0: none
Revision newest_revision(Session& session, ServiceName service);

}  // namespace podplay::store
