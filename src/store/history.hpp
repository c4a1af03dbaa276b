// Which history a store tells. The generation is drawn when a store is created, and again when it
// is found to be a restored one; an epoch is one run of the control plane on it. An agent that has
// followed the feed to sequence S in epoch E was told the truth as this store knows it only if E is
// one of its epochs and ended at S or later: a store that was restored from a backup begins its
// next epoch at the backup's sequence, so whatever was given out after the backup is found out.
#pragma once

#include <string>

#include "model/feed.hpp"
#include "store/store.hpp"

namespace podplay::store {

// Empty when there is none yet: the store is new or was just migrated.
std::string find_generation(Session& session);
// Draws nothing: `id` is a random text. Raises the counters to at least `marks` and `seq`.
void begin_generation(Transaction& transaction, const std::string& id, const NumberMarks& marks,
                      std::uint64_t seq);

// At the start of the control plane.
void begin_epoch(Transaction& transaction, const std::string& id);
std::string current_epoch(Session& session);
// Whether a replica that was told this position was told this store's history. A position at
// sequence 0 has been told nothing and is always known.
bool knows_position(Session& session, const FeedPosition& position);

// The highest numbers given out.
NumberMarks number_marks(Session& session);

}  // namespace podplay::store
