// When a certificate is to be renewed: ACME Renewal Information (RFC 9773), or a share of its life
// for authorities without. An authority that must revoke many certificates moves their windows.
#pragma once

#include <chrono>
#include <optional>
#include <string>

#include "acme/client.hpp"

namespace podplay::acme {

// What names a certificate in renewalInfo and `replaces` (RFC 9773 section 4.1).
Result<std::string> certificate_id(const std::string& certificate);

struct RenewalWindow {
  WallTime start{};
  WallTime end{};
  // A page that says why; empty without one.
  std::string explanation{};
  // When to ask again: between a minute and a day, 6 hours unless the authority says otherwise (RFC
  // 9773 section 4.3).
  std::chrono::seconds ask_again{std::chrono::hours(6)};
};

// Ask only the authority that issued the certificate. `not_found` when it offers no such
// information.
Result<RenewalWindow> get_renewal_window(Client& client, const std::string& certificate_id);

// The time that was chosen before, while the window still holds it. Otherwise `now` when the window
// has passed, else the point at `share` (random, in [0, 1)) of the window. Choose once and keep it.
WallTime choose_renewal_time(const RenewalWindow& window, std::optional<WallTime> chosen,
                             WallTime now, double share);

// Without renewal information: when a third of the life is left, or half of it when the life is
// shorter than 10 days.
WallTime default_renewal_time(WallTime not_before, WallTime not_after);

}  // namespace podplay::acme
