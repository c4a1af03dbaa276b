// Conditional requests (RFC 9110 section 13). Our ETags are strong and say which revision of an
// object an answer has. We name no modification dates, so headers with dates are ignored.
#pragma once

#include <string>

#include "api/request.hpp"

namespace podplay::api {

// If-Match and If-None-Match of the request, into `options`. Fails when one is malformed.
Status read_conditions(const net::HttpRequest& request, control::WriteOptions& options);

// For a request that reads: true when the client has the answer with this ETag already (304). Fails
// when If-Match does not hold. An answer without an ETag has an empty one.
Result<bool> is_not_modified(const control::WriteOptions& options, const std::string& etag);

}  // namespace podplay::api
