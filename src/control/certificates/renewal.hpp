// When certificates of authorities are renewed: at the authority's window (RFC 9773), or at two
// thirds of their life, spread so that those which were ordered together are not renewed together.
#pragma once

#include "control/context.hpp"
#include "model/acme_account.hpp"
#include "model/certificate.hpp"

namespace podplay::control {

// A random number in [0, 1).
double random_share();
// A third of the life before its end (half of it below 10 days), and up to a tenth of the life
// earlier: `share` is of that tenth.
WallTime spread_renewal_time(WallTime not_before, WallTime not_after, double share);

// Asks the authority that issued the version in use, and keeps the time of the renewal and of the
// next question. Returns the time of the renewal.
Result<WallTime> ask_renewal_window(Context& context, const AcmeAccount& account,
                                    const Certificate& certificate);
// The same for all whose question is due. An authority that does not answer is asked again in an
// hour. Returns how many were asked.
Result<int> ask_renewal_windows(Context& context);

}  // namespace podplay::control
