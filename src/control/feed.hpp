// The feed as a whole: made anew from the store's tables when it is lost, and given another
// generation when the store turns out to be a restored one.
#pragma once

#include "control/change.hpp"

namespace podplay::control {

// At the start of the control plane: begins an epoch, and makes the feed when there is none.
Status open_feed(Context& context);

// A page of the service's feed for a replica at `position`, from the beginning when the replica has
// followed another history. Empty rows with `complete`: nothing is new.
Result<FeedPage> read_feed(Context& context, ServiceName service, const FeedPosition& position,
                           std::int64_t limit);

}  // namespace podplay::control
