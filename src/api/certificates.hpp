// /api/certificates
#pragma once

#include "api/request.hpp"

namespace podplay::api {

Result<Answer> list_certificates(control::Context& context, Request& request);
Result<Answer> create_certificate(control::Context& context, Request& request);
Result<Answer> get_certificate(control::Context& context, Request& request);
Result<Answer> change_certificate(control::Context& context, Request& request);
Result<Answer> delete_certificate(control::Context& context, Request& request);
Result<Answer> order_certificate(control::Context& context, Request& request);
Result<Answer> upload_certificate(control::Context& context, Request& request);
Result<Answer> revoke_certificate(control::Context& context, Request& request);

// The certificates that the status names.
Result<Json> certificate_troubles(control::Context& context);

}  // namespace podplay::api
