// How often strangers may ask for something: registrations from an address, resets of an account.
// They are counted in the store, so that all control planes count together and a restart forgets
// nothing. Wrong passwords are counted elsewhere (guard/login_limiter).
#pragma once

#include <string>
#include <string_view>

#include "control/context.hpp"

namespace podplay::control {

struct TryRule {
  // "registration_from": in the store.
  std::string_view kind;
  std::int64_t most = 0;
  std::chrono::seconds window{};
  // For people: "registrations from your address".
  std::string_view what;
};

TryRule registrations_from(const Context& context);
TryRule registrations_to(const Context& context);
TryRule resets_of(const Context& context);

// Counts one for the subject, or refuses it with "too_many_requests" and the time until the next
// one is allowed, and counts nothing.
Status count_try(Context& context, store::Transaction& transaction, const TryRule& rule,
                 const std::string& subject);

// What a client's address counts as (guard/network). Empty for one that many clients share, such as
// that of a port forward: it is not limited, since one of them would lock out all.
std::string client_network(const Context& context, const Actor& asking);

}  // namespace podplay::control
