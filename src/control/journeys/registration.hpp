// Registration: somebody without a login asks for an account, confirms by a link to an address
// outside, and gets it; or waits until an administrator approves.
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

struct RegistrationInput {
  std::string email;
  Secret password;
  std::string recovery_address;
  // Empty: that of the settings.
  std::string language;
};
// Answers and takes the same time whether or not the address is free; the mail says which.
// Fails with "registration_closed" for a domain that takes none, also for one that is not here.
Result<Registration> register_account(Context& context, const Actor& asking,
                                      const RegistrationInput& input);

// Inside a change, for a link that was used: makes the account, or lets it wait for approval.
enum class Confirmed { active, waiting_for_approval };
Result<Confirmed> confirm_registration(Change& change, const Actor& actor, const Link& link,
                                       std::string& email);

// In order of id. `domain`: only of this one; empty: of all that the actor administers.
Result<std::vector<Registration>> list_registrations(Context& context, const Actor& actor,
                                                     const std::string& domain, std::int64_t after,
                                                     std::int64_t limit);
// `key` is an id or the address that is wanted, here and below.
Result<Registration> get_registration(Context& context, const Actor& actor, const std::string& key);
// Also one whose link was not used: an administrator vouches for it.
Result<Changed<User>> approve_registration(Context& context, const Actor& actor,
                                           const std::string& key, const WriteOptions& options);
Result<Registration> refuse_registration(Context& context, const Actor& actor,
                                         const std::string& key);
struct ShownLink {
  std::string email;
  Secret url;
  WallTime expires{};
};
// A new link that confirms it, for tests in a lab. Fails with "only_in_a_lab" elsewhere.
Result<ShownLink> show_registration_link(Context& context, const Actor& actor,
                                         const std::string& key);

}  // namespace podplay::control
