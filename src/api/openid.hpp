// /api/openid: the OpenID provider.
#pragma once

#include "api/request.hpp"

namespace podplay::api {

Result<Answer> get_openid_configuration(control::Context& context, Request& request);
Result<Answer> get_openid_keys(control::Context& context, Request& request);
Result<Answer> authorize_openid(control::Context& context, Request& request);
Result<Answer> redeem_openid(control::Context& context, Request& request);

Result<Answer> list_openid_clients(control::Context& context, Request& request);
Result<Answer> create_openid_client(control::Context& context, Request& request);
Result<Answer> delete_openid_client(control::Context& context, Request& request);

}  // namespace podplay::api
