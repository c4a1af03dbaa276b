// Devices that are set up for mail, and how full a mailbox is.
#pragma once

#include "api/request.hpp"

namespace podplay::api {

Result<Answer> set_up_device(control::Context& context, Request& request);
Result<Answer> get_device_profile(control::Context& context, Request& request);
Result<Answer> get_mailbox_usage(control::Context& context, Request& request);

}  // namespace podplay::api
