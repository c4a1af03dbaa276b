// Deletes old rows, at most `limit` with each call, so that no other write waits long. Where the
// age has no index, a read finds the rows, which holds up no write, and they are deleted by id.
#pragma once

#include <cstdint>
#include <vector>

#include "store/store.hpp"

namespace podplay::store {

// The ids of revisions before `time`, in order, above the id `after`. Two sorts are never given,
// whatever their age: revisions that an agent of a concerned service has not settled, and the
// newest revision of each service, because agents and control plane count on from it.
std::vector<std::int64_t> old_revisions(Session& session, WallTime time, std::int64_t after,
                                        std::int64_t limit);
void delete_revisions(Transaction& transaction, const std::vector<std::int64_t>& ids);

// Each returns how many were deleted.
std::int64_t delete_answers_before(Transaction& transaction, WallTime time, std::int64_t limit);
std::int64_t delete_tokens_expired(Transaction& transaction, WallTime now, std::int64_t limit);
std::int64_t delete_sessions_expired(Transaction& transaction, WallTime now, std::int64_t limit);

}  // namespace podplay::store
