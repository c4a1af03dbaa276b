// What a person sees and changes of the own account, and the recovery address: where a link is sent
// when the password is forgotten. Whoever knows the password only cannot move it away: the old
// address has to agree, and the new one to confirm.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "base/secret.hpp"
#include "control/change.hpp"
#include "control/context.hpp"
#include "model/journey.hpp"
#include "model/user.hpp"

namespace podplay::control {

struct OwnAccount {
  User user;
  // "en" or "de".
  std::string language;
  // Empty: none.
  std::string recovery_address;
  std::optional<RecoveryChange> recovery_change;
};
Result<OwnAccount> get_own_account(Context& context, const Actor& actor);
Result<OwnAccount> set_own_language(Context& context, const Actor& actor,
                                    const std::string& language);

struct RecoveryRequest {
  // Empty: the old one is to be removed.
  std::string address;
  // "new", "old": who still has to confirm.
  std::vector<std::string> waits_for;
  WallTime expires{};
};
// Needs a recent login or the current password. A change that is asked for replaces the one before.
Result<RecoveryRequest> change_recovery_address(Context& context, const Actor& actor,
                                                const std::string& address,
                                                const std::optional<Secret>& current_password);

// Inside a change, for a link that was used. True: all sides have confirmed, and the address is
// changed.
Result<bool> confirm_recovery_address(Change& change, const Actor& actor, const Link& link,
                                      std::string& email);

}  // namespace podplay::control
