// The way of a person through second factors: set up, used at a login, lost and reset; and what
// mail is told meanwhile.
#include "control/identity/factors.hpp"

#include <gtest/gtest.h>

#include "auth/base32.hpp"
#include "auth/soft_authenticator.hpp"
#include "auth/totp.hpp"
#include "base/encoding.hpp"
#include "control/control_test.hpp"
#include "control/identity/app_passwords.hpp"
#include "control/identity/challenges.hpp"
#include "control/identity/passkeys.hpp"
#include "control/identity/sessions.hpp"
#include "control/identity/totp.hpp"
#include "store/audit.hpp"
#include "store/factors.hpp"

namespace podplay::control {
namespace {

using test::Answered;
using test::SoftAuthenticator;

class FactorsTest : public test::ControlTest {
 protected:
  FactorsTest() {
    EXPECT_EQ(code(create_user(context, admin, input("ann@example.test"), {})), "fine");
    ann_user = get_user(context, admin, "ann@example.test").value();
    ann = logged_in(ann_user);
  }
  // With a login that was proven just now.
  Actor logged_in(const User& user) {
    return Actor::of(user, {.kind = LoginFacts::Kind::token,
                            .proven = context.clock.now(),
                            .expires = context.clock.now() + std::chrono::hours(1)})
        .in_request("request", "192.0.2.7");
  }
  User user_now() { return get_user(context, admin, "ann@example.test").value(); }
  // Mail's row of ann.
  MailboxRow mailbox_now() {
    return std::get<MailboxRow>(
        rows_of(ServiceName::mail, RowKind::mailbox).at("ann@example.test"));
  }
  std::string totp_code_now() {
    return auth::totp_code(Secret(*auth::from_base32(totp_secret)), context.clock.now());
  }
  // Sets up the app, and returns the recovery codes.
  std::vector<Secret> add_totp() {
    const auto begun = begin_totp(context, ann, {});
    EXPECT_TRUE(begun) << describe(begun.error());
    totp_secret = begun->secret;
    const auto added = confirm_totp(context, ann, totp_code_now(), {});
    EXPECT_TRUE(added) << describe(added.error());
    plane.clock.moved += std::chrono::seconds(60);
    ann = logged_in(user_now());
    return added ? added->object.recovery_codes : std::vector<Secret>();
  }
  static std::string challenge_of(const auto& asked) { return asked.challenge; }
  Result<Changed<PasskeyAdded>> add_passkey(SoftAuthenticator& device,
                                            const Answered& answered = {}) {
    TRY(const auto options, begin_passkey(context, ann, {}));
    device.set_user(from_base64url(options.user_handle).value());
    return create_passkey(context, ann, "phone", device.create(challenge_of(options), answered),
                          {});
  }
  std::string verify(Factor factor, const std::string& text) {
    return code(verify_factor(context, stranger, user_now(),
                              {.factor = factor, .code = Secret(text), .ticket_hash = "t"}));
  }
  std::vector<std::string> audit_events() {
    std::vector<std::string> events;
    for (const auto& row : context.store
                               .read<std::vector<store::AuditRow>>([](store::Session& session) {
                                 return store::list_audit(session, 0, 100);
                               })
                               .value()) {
      events.push_back(row.event);
    }
    return events;
  }
  bool audited(const std::string& event) {
    const auto events = audit_events();
    return std::ranges::find(events, event) != events.end();
  }

  User ann_user;
  Actor ann = Actor::anonymous("", "");
  std::string totp_secret;
};

TEST_F(FactorsTest, AnAppCountsOnlyAfterItsCodeWasSeen) {
  EXPECT_FALSE(get_factors(context, ann, "")->second_factor);
  const auto begun = begin_totp(context, ann, {});
  ASSERT_TRUE(begun);
  EXPECT_TRUE(begun->uri.reveal().starts_with("otpauth://totp/control.example.test:ann%40"));
  EXPECT_GT(begun->qr_code.size, 20);
  EXPECT_FALSE(user_now().second_factor);
  EXPECT_EQ(code(confirm_totp(context, ann, "000000", {})), "code_wrong");
  totp_secret = begun->secret;
  const auto added = confirm_totp(context, ann, totp_code_now(), {});
  ASSERT_TRUE(added) << describe(added.error());
  EXPECT_EQ(added->object.recovery_codes.size(), 10U);
  EXPECT_TRUE(added->object.factors.totp);
  EXPECT_TRUE(user_now().second_factor);
  EXPECT_TRUE(audited("TOTP_ADDED"));
  EXPECT_EQ(code(begin_totp(context, ann, {})), "totp_exists");
}

TEST_F(FactorsTest, AnAppThatIsNotConfirmedInTimeIsForgotten) {
  const auto begun = begin_totp(context, ann, {});
  totp_secret = begun->secret;
  plane.clock.moved += std::chrono::minutes(16);
  EXPECT_EQ(code(confirm_totp(context, ann, totp_code_now(), {})), "totp_not_begun");
}

TEST_F(FactorsTest, ADryRunShowsAndKeepsNothing) {
  const auto begun = begin_totp(context, ann, {});
  totp_secret = begun->secret;
  const auto tried = confirm_totp(context, ann, totp_code_now(), {.dry_run = true});
  ASSERT_TRUE(tried) << describe(tried.error());
  EXPECT_TRUE(tried->rehearsal);
  EXPECT_FALSE(user_now().second_factor);
}

TEST_F(FactorsTest, TheSecretInTheStoreIsSealed) {
  add_totp();
  const auto totp = context.store
                        .read<std::optional<Totp>>([&](store::Session& session) {
                          return store::find_totp(session, ann_user.id);
                        })
                        .value();
  ASSERT_TRUE(totp);
  const std::string secret = *auth::from_base32(totp_secret);
  EXPECT_EQ(totp->secret.find(totp_secret), std::string::npos);
  EXPECT_EQ(from_base64url(totp->secret)->find(secret), std::string::npos);
  // With another key file it opens nothing.
  ASSERT_TRUE(context.files.remove_tree(context.paths.state + "/sealing.key"));
  EXPECT_EQ(verify(Factor::totp, totp_code_now()), "sealed_elsewhere");
}

TEST_F(FactorsTest, ACodeOpensOnce) {
  add_totp();
  EXPECT_TRUE(
      context.store
          .read<bool>([&](store::Session& session) { return has_factors(session, user_now()); })
          .value_or(false));
  const std::string right = totp_code_now();
  EXPECT_EQ(verify(Factor::totp, "000000"), "factor_failed");
  EXPECT_EQ(verify(Factor::totp, right), "fine");
  EXPECT_EQ(verify(Factor::totp, right), "factor_failed");
}

TEST_F(FactorsTest, ARecoveryCodeStandsInOnce) {
  const auto codes = add_totp();
  ASSERT_EQ(codes.size(), 10U);
  EXPECT_EQ(verify(Factor::recovery_code, "mzxw-6ytb-oi4t-c2lq"), "factor_failed");
  EXPECT_EQ(verify(Factor::recovery_code, codes[3].reveal()), "fine");
  EXPECT_EQ(verify(Factor::recovery_code, codes[3].reveal()), "factor_failed");
  EXPECT_EQ(get_factors(context, ann, "")->recovery_codes, 9);
  EXPECT_TRUE(audited("RECOVERY_CODE_USED"));
  const auto renewed = renew_recovery_codes(context, ann, {});
  ASSERT_TRUE(renewed);
  EXPECT_EQ(verify(Factor::recovery_code, codes[4].reveal()), "factor_failed");
  EXPECT_EQ(verify(Factor::recovery_code, renewed->front().reveal()), "fine");
}

TEST_F(FactorsTest, RecoveryCodesNeedAFactorThatTheyStandInFor) {
  EXPECT_EQ(code(renew_recovery_codes(context, ann, {})), "no_second_factor");
}

TEST_F(FactorsTest, MailHasTheHashOfThePasswordOnlyWithoutAFactor) {
  EXPECT_EQ(mailbox_now().password_hash, user_now().password_hash);
  add_totp();
  EXPECT_EQ(mailbox_now().password_hash, "");
  EXPECT_FALSE(user_now().password_hash.empty());
  // A new password does not bring it back.
  UserInput change;
  change.password = Secret("another password");
  EXPECT_EQ(code(update_user(context, admin, "ann@example.test", change, {})), "fine");
  EXPECT_EQ(mailbox_now().password_hash, "");
  ann = logged_in(user_now());
  ASSERT_EQ(code(remove_totp(context, ann, {})), "fine");
  EXPECT_EQ(mailbox_now().password_hash, user_now().password_hash);
  EXPECT_EQ(get_factors(context, ann, "")->recovery_codes, 0);
  EXPECT_EQ(code(remove_totp(context, ann, {})), "totp_unknown");
}

TEST_F(FactorsTest, ALoginThatIsNotRecentChangesNothing) {
  plane.clock.moved += std::chrono::hours(2);
  EXPECT_EQ(code(begin_totp(context, ann, {})), "proof_needed");
  EXPECT_EQ(code(begin_passkey(context, ann, {})), "proof_needed");
  EXPECT_EQ(code(create_app_password(context, ann, {.name = "phone"}, {})), "proof_needed");
  EXPECT_EQ(code(begin_totp(context, ann, Secret("wrong password"))), "wrong_password");
  EXPECT_EQ(code(begin_totp(context, ann, Secret("password123"))), "fine");
}

TEST_F(FactorsTest, APasskeyIsMadeNamedAndDeleted) {
  SoftAuthenticator device;
  const auto added = add_passkey(device);
  ASSERT_TRUE(added) << describe(added.error());
  EXPECT_EQ(added->object.recovery_codes.size(), 10U);
  EXPECT_TRUE(user_now().second_factor);
  ann = logged_in(user_now());
  const std::int64_t id = added->object.passkey.id;
  EXPECT_EQ(rename_passkey(context, ann, id, "key ring")->name, "key ring");
  EXPECT_EQ(code(rename_passkey(context, ann, id, "two\nlines")), "bad_name");
  EXPECT_EQ(code(rename_passkey(context, admin, id, "mine")), "passkey_unknown");
  EXPECT_EQ(code(delete_passkey(context, logged_in(get_user(context, admin, admin.email()).value()),
                                id, {})),
            "passkey_unknown");
  // The second one brings no codes.
  SoftAuthenticator other(-8);
  EXPECT_TRUE(add_passkey(other)->object.recovery_codes.empty());
  EXPECT_EQ(code(add_passkey(other)), "passkey_exists");
  EXPECT_EQ(list_passkeys(context, ann)->size(), 2U);
  EXPECT_EQ(code(delete_passkey(context, ann, id, {})), "fine");
  EXPECT_TRUE(user_now().second_factor);
  const auto last = list_passkeys(context, ann)->front().id;
  EXPECT_EQ(code(delete_passkey(context, ann, last, {})), "fine");
  EXPECT_FALSE(user_now().second_factor);
}

TEST_F(FactorsTest, AnAnswerToAnotherQuestionMakesNoPasskey) {
  SoftAuthenticator device;
  // Of a login, of another person, made up, and answered already.
  const auto login = offer_passkey_login(context);
  EXPECT_EQ(code(create_passkey(context, ann, "phone", device.create(challenge_of(*login)), {})),
            "challenge_invalid");
  const auto others = begin_passkey(
      context,
      logged_in(
          get_user(context, admin, "1").value_or(get_user(context, admin, admin.email()).value())),
      {});
  ASSERT_TRUE(others);
  EXPECT_EQ(code(create_passkey(context, ann, "phone", device.create(challenge_of(*others)), {})),
            "challenge_invalid");
  EXPECT_EQ(code(create_passkey(context, ann, "phone", device.create(random_token(56)), {})),
            "challenge_invalid");
  const auto options = begin_passkey(context, ann, {});
  const auto answer = device.create(challenge_of(*options));
  EXPECT_EQ(code(create_passkey(context, ann, "phone", answer, {})), "fine");
  const std::int64_t id = list_passkeys(context, ann)->front().id;
  ann = logged_in(user_now());
  EXPECT_EQ(code(delete_passkey(context, ann, id, {})), "fine");
  EXPECT_EQ(code(create_passkey(context, ann, "phone", answer, {})), "challenge_invalid");
  // Too late.
  const auto late = begin_passkey(context, ann, {});
  plane.clock.moved += std::chrono::minutes(6);
  EXPECT_EQ(code(create_passkey(context, ann, "phone", device.create(challenge_of(*late)), {})),
            "challenge_invalid");
  // Of another origin.
  const auto again = begin_passkey(context, logged_in(user_now()), {});
  EXPECT_EQ(code(create_passkey(
                context, ann, "phone",
                device.create(challenge_of(*again), {.origin = "https://evil.test"}), {})),
            "bad_passkey");
}

TEST_F(FactorsTest, APasskeyAloneFindsItsUser) {
  SoftAuthenticator device;
  ASSERT_TRUE(add_passkey(device));
  const auto question = offer_passkey_login(context);
  ASSERT_TRUE(question);
  EXPECT_TRUE(question->allowed.empty());
  EXPECT_EQ(wire::to_json(*question).at("userVerification"), "required");
  EXPECT_EQ(question->relying_party, "control.example.test");
  const auto answer = device.get(challenge_of(*question), {.counter = 2});
  const auto found = find_passkey_user(context, stranger, answer);
  ASSERT_TRUE(found) << describe(found.error());
  EXPECT_EQ(found->email, "ann@example.test");
  EXPECT_EQ(code(find_passkey_user(context, stranger, answer)), "challenge_invalid");
  const auto next = offer_passkey_login(context);
  EXPECT_EQ(
      code(find_passkey_user(context, stranger, SoftAuthenticator().get(challenge_of(*next)))),
      "login_failed");
  device.set_user("somebody else");
  EXPECT_EQ(code(find_passkey_user(context, stranger, device.get(challenge_of(*next)))),
            "login_failed");
  for (const char* wrong : {"null", "[]", "{}", R"({"type":"public-key","response":7})"}) {
    EXPECT_EQ(code(find_passkey_user(context, stranger, nlohmann::json::parse(wrong))),
              "bad_passkey")
        << wrong;
  }
}

TEST_F(FactorsTest, ACounterThatGoesBackIsInTheAudit) {
  SoftAuthenticator device;
  ASSERT_TRUE(add_passkey(device, {.counter = 9}));
  const auto question = offer_passkey_login(context);
  EXPECT_EQ(code(find_passkey_user(context, stranger,
                                   device.get(challenge_of(*question), {.counter = 3}))),
            "fine");
  EXPECT_TRUE(audited("PASSKEY_COUNTER_WENT_BACK"));
}

TEST_F(FactorsTest, APasskeyAsSecondFactorIsBoundToItsLogin) {
  SoftAuthenticator device;
  ASSERT_TRUE(add_passkey(device));
  const auto offer = offer_factors(context, user_now(), "hash of a ticket");
  ASSERT_TRUE(offer);
  EXPECT_EQ(offer->factors, (std::vector{Factor::passkey, Factor::recovery_code}));
  ASSERT_TRUE(offer->passkey);
  EXPECT_EQ(offer->passkey->allowed.size(), 1U);
  EXPECT_EQ(offer->passkey->relying_party, "control.example.test");
  const auto answer = device.get(offer->passkey->challenge, {.counter = 2});
  const auto verify_for = [&](const std::string& ticket) {
    return code(
        verify_factor(context, stranger, user_now(),
                      {.factor = Factor::passkey, .passkey = answer, .ticket_hash = ticket}));
  };
  EXPECT_EQ(verify_for("another ticket"), "factor_failed");
  EXPECT_EQ(verify_for(""), "factor_failed");
  EXPECT_EQ(verify_for("hash of a ticket"), "fine");
  EXPECT_EQ(verify_for("hash of a ticket"), "factor_failed");
  EXPECT_EQ(code(verify_factor(context, stranger, user_now(),
                               {.factor = Factor::passkey, .passkey = "no JSON"})),
            "factor_failed");
}

TEST_F(FactorsTest, AnAdministratorResetsWhatAPersonLost) {
  add_totp();
  SoftAuthenticator device;
  ASSERT_TRUE(add_passkey(device));
  EXPECT_EQ(code(reset_factors(context, ann, "ann@example.test", {})), "own_factors");
  EXPECT_EQ(code(reset_factors(context, ann, "admin@example.test", {})), "user_unknown");
  EXPECT_EQ(code(reset_factors(context, admin, "nobody@example.test", {})), "user_unknown");
  const auto reset = reset_factors(context, admin, "ann@example.test", {});
  ASSERT_TRUE(reset) << describe(reset.error());
  EXPECT_FALSE(reset->object.second_factor);
  EXPECT_EQ(reset->object.passkeys, 0);
  EXPECT_EQ(reset->object.recovery_codes, 0);
  EXPECT_EQ(mailbox_now().password_hash, user_now().password_hash);
  EXPECT_TRUE(audited("FACTORS_RESET"));
  EXPECT_TRUE(reset_factors(context, admin, "ann@example.test", {})->unchanged);
}

class DemandedFactorsTest : public FactorsTest {
 protected:
  DemandedFactorsTest() {
    plane.settings = effective_settings({{"PODPLAY_DOMAIN", "example.test"},
                                         {"PODPLAY_SECOND_FACTOR", "everyone"}})
                         .value();
  }
};

TEST_F(DemandedFactorsTest, WhoHasNoneMayOnlySetOneUp) {
  const Settings& settings = context.settings;
  EXPECT_EQ(usable_scopes(settings, ann_user, Strength::single_factor), Scopes::of(Area::account));
  EXPECT_EQ(usable_scopes(settings, ann_user, Strength::multi_factor), Scopes::all());
  EXPECT_EQ(code(create_app_password(context, ann, {.name = "phone"}, {})), "second_factor_needed");
  EXPECT_TRUE(get_factors(context, ann, "")->required);
  add_totp();
  EXPECT_EQ(code(create_app_password(context, ann, {.name = "phone"}, {})), "fine");
  EXPECT_EQ(code(remove_totp(context, ann, {})), "factor_demanded");
  SoftAuthenticator device;
  ASSERT_TRUE(add_passkey(device));
  EXPECT_EQ(code(remove_totp(context, ann, {})), "fine");
}

TEST(DemandedFactors, TheSettingNamesRoles) {
  const auto demands = [](const char* who, Role role) {
    return demands_second_factor(effective_settings({{"PODPLAY_SECOND_FACTOR", who}}).value(),
                                 role);
  };
  EXPECT_FALSE(demands("none", Role::admin));
  EXPECT_TRUE(demands("admins", Role::admin));
  EXPECT_FALSE(demands("admins", Role::domain_admin));
  EXPECT_TRUE(demands("administrators", Role::domain_admin));
  EXPECT_FALSE(demands("administrators", Role::user));
  EXPECT_TRUE(demands("everyone", Role::user));
}

}  // namespace
}  // namespace podplay::control
