// The button behind most links: whatever the link is for is done, once.
#pragma once

#include <string>

#include "base/secret.hpp"
#include "control/change.hpp"
#include "control/context.hpp"
#include "model/journey.hpp"

namespace podplay::control {

struct Confirmation {
  LinkPurpose purpose = LinkPurpose::registration;
  std::string email;
  // "active", "waiting_for_approval", "changed", "waiting_for_other" or "kept".
  std::string state;
};
// Fails with "link_invalid". Links that set a password have a use-case of their own
// (passwords_by_link.hpp).
Result<Changed<Confirmation>> confirm_link(Context& context, const Actor& asking,
                                           const Secret& token, const WriteOptions& options);

}  // namespace podplay::control
