// Deleting old rows. Each call deletes at most `limit` and gives how many it deleted, so that no
// other write waits long.
#pragma once

#include "model/report.hpp"
#include "store/store.hpp"

namespace podplay::store {

// The id of the first audit event that is not older than `time`; the newest id + 1 when all are.
// Looks at old events only, so that it costs little to ask.
std::int64_t first_audit_since(Session& session, WallTime time);
std::int64_t delete_audit_below(Transaction& transaction, std::int64_t id, std::int64_t limit);

// The same of revisions. Kept whatever their age: those that a concerned service has not settled,
// and the newest of each service, from which agents and control plane count on.
Revision first_revision_since(Session& session, WallTime time);
std::int64_t delete_revisions_below(Transaction& transaction, Revision id, std::int64_t limit);

std::int64_t delete_answers_before(Transaction& transaction, WallTime time, std::int64_t limit);
std::int64_t delete_tokens_expired(Transaction& transaction, WallTime now, std::int64_t limit);

}  // namespace podplay::store
