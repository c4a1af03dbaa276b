// Lines of the logs: a page of them, or a stream of those that come.
#pragma once

#include "api/request.hpp"

namespace podplay::api {

// Streams of lines that may be followed at once. Each occupies a thread of the server, which has as
// many more.
inline constexpr int kMostFollowers = 16;
// Searches that may run at once; each may read for two seconds.
inline constexpr int kMostSearches = 4;

Result<Answer> get_logs(control::Context& context, Request& request);

}  // namespace podplay::api
