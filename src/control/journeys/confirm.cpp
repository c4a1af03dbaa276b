// The link is used up in the same transaction, so of two clicks one does it.
#include "control/journeys/confirm.hpp"

#include "control/identity/known_logins.hpp"
#include "control/journeys/deletion.hpp"
#include "control/journeys/links.hpp"
#include "control/journeys/own_account.hpp"
#include "control/journeys/registration.hpp"

namespace podplay::control {
namespace {

Result<std::string> carry_out(Change& change, const Actor& asking, const Link& link,
                              std::string& email) {
  switch (link.purpose) {
    case LinkPurpose::registration: {
      TRY(const auto confirmed, confirm_registration(change, asking, link, email));
      return std::string(confirmed == Confirmed::active ? "active" : "waiting_for_approval");
    }
    case LinkPurpose::keep_account: {
      TRY(email, keep_account(change, asking, link));
      return std::string("kept");
    }
    default: {
      TRY(const bool complete, confirm_recovery_address(change, asking, link, email));
      return std::string(complete ? "changed" : "waiting_for_other");
    }
  }
}

}  // namespace

Result<Changed<Confirmation>> confirm_link(Context& context, const Actor& asking,
                                           const Secret& token, const WriteOptions& options) {
  auto changed = make_change<Confirmation>(
      context, asking, options, [&](Change& change) -> Result<Confirmation> {
        TRY(const auto link, use_link(context, change.transaction(), token,
                                      {LinkPurpose::registration, LinkPurpose::recovery_new,
                                       LinkPurpose::recovery_old, LinkPurpose::keep_account}));
        Confirmation confirmation{.purpose = link.purpose, .email = {}, .state = {}};
        TRY(confirmation.state, carry_out(change, asking, link, confirmation.email));
        return confirmation;
      });
  if (changed && !options.dry_run) {
    context.jobs.wake();
  }
  return changed;
}

}  // namespace podplay::control
