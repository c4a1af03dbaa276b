// The feed as a whole. It is made again from the store's tables when it is lost, and gets a new
// generation when the store turns out to be restored from a backup.
#pragma once

#include "control/change.hpp"

namespace podplay::control {

// Call it when the control plane starts: begins an epoch, and makes the feed when there is none.
Status open_feed(Context& context);

// Which history the store tells: a random id, new when it is created or restored.
Result<std::string> store_generation(Context& context);

// A page of the service's feed for a replica at `position`, from the beginning when the replica has
// followed another history. Empty rows with `complete`: nothing is new.
Result<FeedPage> read_feed(Context& context, ServiceName service, const FeedPosition& position,
                           std::int64_t limit);

}  // namespace podplay::control
