// A mail that an administrator writes to a person.
#pragma once

#include <string>

#include "control/context.hpp"

namespace podplay::control {

struct UserMailInput {
  // One line.
  std::string subject;
  // An empty line begins a new paragraph.
  std::string text;
  bool to_recovery_address = false;
};
struct UserMailed {
  std::string email;
  std::string sent_to;
};
// It comes from the pod's address; answers go to the actor.
Result<UserMailed> mail_user(Context& context, const Actor& actor, const std::string& key,
                             const UserMailInput& input);

}  // namespace podplay::control
