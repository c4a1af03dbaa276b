// The secret is sealed before it is stored. The code that confirms it counts as used.
#include "control/identity/totp.hpp"

#include <fmt/format.h>

#include "auth/totp.hpp"
#include "control/audit.hpp"
#include "control/identity/factors.hpp"
#include "control/identity/known_logins.hpp"
#include "control/identity/recent.hpp"
#include "control/identity/sealing.hpp"
#include "store/factors.hpp"

namespace podplay::control {
namespace {

constexpr std::chrono::minutes kEnrolmentLifetime{15};

std::unexpected<Error> exists_already() {
  return fail(ErrorKind::conflict, "totp_exists", "there is an authenticator app already",
              "remove it first: podplay factors remove-totp");
}

std::unexpected<Error> nothing_begun() {
  return fail(ErrorKind::conflict, "totp_not_begun",
              "no authenticator app is being set up, or it was begun more than 15 minutes ago",
              "begin again: podplay factors totp");
}

}  // namespace

Result<TotpEnrolment> begin_totp(Context& context, const Actor& actor,
                                 const std::optional<Secret>& current_password) {
  TRY(const auto user, own_user(context, actor));
  TRY(require_recent(context, actor, user, current_password));
  TRY(const auto seal, open_seal(context));
  const Secret secret = auth::make_totp_secret();
  TotpEnrolment enrolment{
      .secret = auth::totp_text(secret),
      .uri = auth::totp_uri(secret, context.settings.text("PODPLAY_HOST_NAME"), user.email)};
  TRY(enrolment.qr_code, auth::make_qr_code(enrolment.uri));
  const Totp begun{.user_id = user.id,
                   .secret = seal.close(secret, totp_place(user)),
                   .created = context.clock.now()};
  TRY(context.store.write<bool>([&](store::Transaction& transaction) -> Result<bool> {
    const auto before = store::find_totp(transaction, user.id);
    if (before && before->confirmed) {
      return exists_already();
    }
    store::put_totp(transaction, begun);
    return true;
  }));
  note_action(context, actor, "TOTP_BEGUN", user.email);
  return enrolment;
}

Result<Changed<FactorAdded>> confirm_totp(Context& context, const Actor& actor,
                                          const std::string& code, const WriteOptions& options) {
  TRY(const auto seal, open_seal(context));
  auto changed =
      make_change<FactorAdded>(context, actor, options, [&](Change& change) -> Result<FactorAdded> {
        store::Transaction& transaction = change.transaction();
        TRY(auto user, own_user(transaction, actor));
        auto totp = store::find_totp(transaction, user.id);
        if (totp && totp->confirmed) {
          return exists_already();
        }
        if (!totp || totp->created + kEnrolmentLifetime < change.now()) {
          return nothing_begun();
        }
        TRY(const auto secret, seal.open(totp->secret, totp_place(user)));
        const auto step = auth::totp_step(secret, code, change.now(), 0);
        if (!step) {
          return fail_faults(
              {{.field = "code",
                .code = "code_wrong",
                .message = "the code is not the one that the app must show now",
                .remedy = "compare the clocks of the device and of the server, and give the six "
                          "digits that the app shows"}});
        }
        const FactorOverview before = overview_of(context.settings, transaction, user);
        // no going back after this
        totp->confirmed = true;
        totp->last_step = *step;
        totp->last_used = change.now();
        store::put_totp(transaction, *totp);
        FactorAdded added{.recovery_codes = follow_factors(change, actor, user)};
        added.factors = overview_of(context.settings, transaction, user);
        change.finish("TOTP_ADDED", user.email, "add an authenticator app to " + user.email,
                      factor_difference(before, added.factors));
        return added;
      });
  if (changed && !options.dry_run) {
    context.known_logins.forget_user(actor.user_id());
  }
  return changed;
}

Result<Changed<FactorOverview>> remove_totp(Context& context, const Actor& actor,
                                            const WriteOptions& options) {
  TRY(const auto asking, own_user(context, actor));
  TRY(require_recent(context, actor, asking, std::nullopt));
  auto changed = make_change<FactorOverview>(
      context, actor, options, [&](Change& change) -> Result<FactorOverview> {
        store::Transaction& transaction = change.transaction();
        TRY(auto user, own_user(transaction, actor));
        const auto totp = store::find_totp(transaction, user.id);
        if (!totp || !totp->confirmed) {
          return fail(ErrorKind::not_found, "totp_unknown", "there is no authenticator app",
                      "podplay factors show lists the second factors");
        }
        TRY(may_lose_factor(context.settings, transaction, user));
        const FactorOverview before = overview_of(context.settings, transaction, user);
        // no going back after this
        store::delete_totp(transaction, user.id);
        follow_factors(change, actor, user);
        const FactorOverview after = overview_of(context.settings, transaction, user);
        change.finish("TOTP_REMOVED", user.email, "remove the authenticator app of " + user.email,
                      factor_difference(before, after));
        return after;
      });
  if (changed && !options.dry_run) {
    context.known_logins.forget_user(actor.user_id());
  }
  return changed;
}

}  // namespace podplay::control
