// Each factor fails with the same words, so that a guesser learns nothing from them.
#include "control/identity/factors.hpp"

#include <fmt/format.h>

#include "auth/generated.hpp"
#include "auth/totp.hpp"
#include "control/audit.hpp"
#include "control/identity/passkeys.hpp"
#include "control/identity/sealing.hpp"
#include "control/identity/second_factor.hpp"
#include "store/factors.hpp"

namespace podplay::control {
namespace {

std::unexpected<Error> factor_failed() {
  return fail(ErrorKind::unauthorized, "factor_failed",
              "the second factor is wrong, or was used already",
              "give the code that the app shows now, or a recovery code that is left");
}

std::string ticket_purpose(const User& user, const std::string& ticket_hash) {
  return ticket_hash.empty() ? proof_purpose(user) : fmt::format("factor {}", ticket_hash);
}

Status verify_totp(Context& context, const User& user, const Secret& code) {
  TRY(const auto totp, context.store.read<std::optional<Totp>>([&](store::Session& session) {
    return store::find_totp(session, user.id);
  }));
  if (!totp || !totp->confirmed) {
    return factor_failed();
  }
  TRY(const auto seal, open_seal(context));
  TRY(const auto secret, seal.open(totp->secret, totp_place(user)));
  const WallTime now = context.clock.now();
  const auto step = auth::totp_step(secret, code.reveal(), now, totp->last_step);
  if (!step) {
    return factor_failed();
  }
  TRY(const bool first,
      context.store.write<bool>([&](store::Transaction& transaction) -> Result<bool> {
        return store::use_totp_step(transaction, user.id, *step, now);
      }));
  return first ? Status{} : factor_failed();
}

Status use_recovery_code(Context& context, const Actor& asking, const User& user,
                         const Secret& code) {
  const std::string hash = auth::recovery_code_hash(code.reveal());
  if (hash.empty()) {
    return factor_failed();
  }
  TRY(const bool right,
      context.store.write<bool>([&](store::Transaction& transaction) -> Result<bool> {
        return store::use_recovery_code(transaction, user.id, hash, context.clock.now());
      }));
  if (!right) {
    return factor_failed();
  }
  note_action(context, asking, "RECOVERY_CODE_USED", user.email);
  return {};
}

// A fault of ours, such as a store that does not answer, is no wrong factor.
Status verify_passkey(Context& context, const Actor& asking, const User& user,
                      const FactorAnswer& answer) {
  Status done = verify_passkey_factor(context, asking, user,
                                      ticket_purpose(user, answer.ticket_hash), answer.passkey);
  if (!done &&
      (done.error().kind == ErrorKind::invalid || done.error().kind == ErrorKind::unauthorized)) {
    done.error().kind = ErrorKind::unauthorized;
    done.error().code = "factor_failed";
  }
  return done;
}

}  // namespace

bool has_factors(store::Session&, const User& user) { return user.second_factor; }

Result<FactorOffer> offer_factors(Context& context, const User& user,
                                  const std::string& ticket_hash) {
  TRY(const auto factors, context.store.read_together<FactorOverview>([&](store::Session& session) {
    return overview_of(context.settings, session, user);
  }));
  FactorOffer offer;
  if (factors.totp) {
    offer.factors.push_back(Factor::totp);
  }
  if (factors.passkeys > 0) {
    offer.factors.push_back(Factor::passkey);
    TRY(offer.passkey, offer_passkey_factor(context, user, ticket_purpose(user, ticket_hash)));
  }
  if (factors.recovery_codes > 0) {
    offer.factors.push_back(Factor::recovery_code);
  }
  return offer;
}

Status verify_factor(Context& context, const Actor& asking, const User& user,
                     const FactorAnswer& answer) {
  switch (answer.factor) {
    case Factor::totp: return verify_totp(context, user, answer.code);
    case Factor::passkey: return verify_passkey(context, asking, user, answer);
    case Factor::recovery_code: break;
  }
  return use_recovery_code(context, asking, user, answer.code);
}

Scopes usable_scopes(const Settings& settings, const User& user, Strength strength) {
  const bool may_enrol_only =
      strength == Strength::single_factor && demands_second_factor(settings, user.role);
  return may_enrol_only ? Scopes::of(Area::account) : Scopes::all();
}

}  // namespace podplay::control
