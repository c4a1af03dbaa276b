// Deleting old rows, at most `limit` with each call, so that no other write waits long. Where no
// index knows the age, the rows are looked for by a read, which holds up nobody, and deleted by id.
#pragma once

#include <cstdint>
#include <vector>

#include "store/store.hpp"

namespace podplay::store {

// Ids of audit events before `time`, in order, above the id `after`.
std::vector<std::int64_t> old_audit(Session& session, WallTime time, std::int64_t after,
                                    std::int64_t limit);
void delete_audit(Transaction& transaction, const std::vector<std::int64_t>& ids);

// The same of revisions. Left out whatever their age: those that an agent of a concerned service
// has not settled, and the newest of each service, from which agents and control plane count on.
std::vector<std::int64_t> old_revisions(Session& session, WallTime time, std::int64_t after,
                                        std::int64_t limit);
void delete_revisions(Transaction& transaction, const std::vector<std::int64_t>& ids);

// How many were deleted.
std::int64_t delete_answers_before(Transaction& transaction, WallTime time, std::int64_t limit);
std::int64_t delete_tokens_expired(Transaction& transaction, WallTime now, std::int64_t limit);

}  // namespace podplay::store
