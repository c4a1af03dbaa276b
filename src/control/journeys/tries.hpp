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

TryRule registrations_to(const Context& context);
TryRule resets_of(const Context& context);
// For those that one client may ask for, whomever they are about; see count_client_try().
TryRule registrations_from(const Context& context);
TryRule resets_from(const Context& context);

// Counts one for the subject, or refuses it with "too_many_requests" and the time until the next
// one is allowed, and counts nothing.
Status count_try(Context& context, store::Transaction& transaction, const TryRule& rule,
                 const std::string& subject);

// The same for the client's address; an IPv6 /64 is one. Clients that cannot be told apart, such as
// those behind a port forward, count together and may ask 20 times as often: one of them should not
// lock out the others, but nobody may have mails sent without end.
Status count_client_try(Context& context, store::Transaction& transaction, TryRule rule,
                        const Actor& asking);

}  // namespace podplay::control
