// /api/tokens: the own tokens for programs
#pragma once

#include "api/request.hpp"

namespace podplay::api {

Result<Answer> list_tokens(control::Context& context, Request& request);
Result<Answer> get_token(control::Context& context, Request& request);
Result<Answer> create_token(control::Context& context, Request& request);
Result<Answer> revoke_token(control::Context& context, Request& request);

}  // namespace podplay::api
