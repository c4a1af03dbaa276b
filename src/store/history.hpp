// The history that a store tells. Its generation is a random text, drawn when a store is created,
// and again when a restored store is noticed. An epoch is one run of the control plane on the
// store. An agent has followed the feed to sequence S in epoch E. It was told this store's history
// only if E is one of the store's epochs and ended at S or later. A store that was restored from a
// backup begins its next epoch at the backup's sequence, so a position that was given out after the
// backup is noticed.
#pragma once

#include <string>

#include "model/feed.hpp"
#include "store/store.hpp"

namespace podplay::store {

// Empty when there is none yet: the store is new or was just migrated.
std::string find_generation(Session& session);
// Raises the counters to at least `marks` and `seq`: what follows takes no number that was given
// out before.
void raise_numbers(Transaction& transaction, const NumberMarks& marks, std::uint64_t seq);
// `id` is a random text that the caller draws. Belongs into the change that puts in all rows.
void begin_generation(Transaction& transaction, const std::string& id);

// Call this at the start of the control plane.
void begin_epoch(Transaction& transaction, const std::string& id);
std::string current_epoch(Session& session);
// Whether a replica with this position was told this store's history. A replica at sequence 0 was
// told nothing, so its position is always known.
bool knows_position(Session& session, const FeedPosition& position);

// The highest numbers that were given out.
NumberMarks number_marks(Session& session);

}  // namespace podplay::store
