// What services made of a revision, as JSON: {"state", "services": [{service, state, stage, daemon,
// message}]}.
#pragma once

#include "control/watch/revisions.hpp"
#include "wire/shape.hpp"

namespace podplay::api {

wire::Json applied_json(const control::RevisionOutcome& outcome);

}  // namespace podplay::api
