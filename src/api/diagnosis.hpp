// /api/system/diagnosis
#pragma once

#include "api/request.hpp"

namespace podplay::api {

Result<Answer> get_diagnosis(control::Context& context, Request& request);

}  // namespace podplay::api
