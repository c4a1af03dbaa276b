// Passwords that are set by a link.
#include "control/journeys/passwords_by_link.hpp"

#include <gmock/gmock.h>

#include "control/identity/tokens.hpp"
#include "control/journeys/journey_test.hpp"

namespace podplay::control {
namespace {

using testing::Contains;
using testing::HasSubstr;

constexpr const char* kNew = "another one that is long";

class PasswordByLinkTest : public test::JourneyTest {
 protected:
  Result<Changed<PasswordSet>> set(const std::string& token, const std::string& password = kNew) {
    return set_password_by_link(context, stranger, Secret(token), Secret(password), {});
  }
  std::size_t waiting_letters() {
    return list_jobs(context, {.kind = std::string(kLetterJob), .state = JobState::waiting}, 0, 100)
        ->size();
  }
};

TEST_F(PasswordByLinkTest, AForgottenPasswordIsReplaced) {
  make_person("alice@example.test", "alice@outside.test");
  const auto before = log_in("alice@example.test", kPassword);
  ASSERT_TRUE(before);
  ASSERT_TRUE(request_password_reset(context, outsider, "Alice@Example.Test", ""));
  const auto mail = only_mail();
  EXPECT_EQ(mail.to, "alice@outside.test");
  EXPECT_THAT(mail.text, HasSubstr("/reset#token="));
  EXPECT_THAT(mail.text, HasSubstr("192.0.2.7"));
  EXPECT_EQ(code(set(mail.token, "short")), "bad_password");
  const auto done = set(mail.token);
  ASSERT_TRUE(done) << describe(done.error());
  EXPECT_EQ(done->object.email, "alice@example.test");
  EXPECT_EQ(code(authenticate(context, before->done->token, "127.0.0.1")), "token_invalid");
  EXPECT_EQ(code(log_in("alice@example.test", kPassword)), "login_failed");
  EXPECT_EQ(code(log_in("alice@example.test", kNew)), "fine");
  EXPECT_EQ(code(set(mail.token, kPassword)), "link_invalid");
  // The person is told, at both addresses.
  EXPECT_EQ(deliver().size(), 2U);
}

// The same rows are written, so the answer takes the same time.
TEST_F(PasswordByLinkTest, NobodyLearnsWhichAccountsExist) {
  make_person("alice@example.test", "alice@outside.test");
  const auto known = request_password_reset(context, outsider, "alice@example.test", "");
  const std::size_t letters = waiting_letters();
  const auto unknown = request_password_reset(context, outsider, "nobody@example.test", "");
  ASSERT_TRUE(known);
  ASSERT_TRUE(unknown);
  EXPECT_EQ(waiting_letters(), 2 * letters);
  EXPECT_EQ(deliver().size(), 1U);
}

TEST_F(PasswordByLinkTest, WithoutARecoveryAddressNothingIsSent) {
  make_person("alice@example.test", "");
  ASSERT_TRUE(request_password_reset(context, outsider, "alice@example.test", ""));
  EXPECT_TRUE(deliver().empty());
}

TEST_F(PasswordByLinkTest, ADisabledAccountGetsNoLink) {
  make_person("alice@example.test", "alice@outside.test");
  ASSERT_TRUE(request_password_reset(context, outsider, "alice@example.test", ""));
  const std::string token = only_mail().token;
  UserInput off;
  off.enabled = false;
  ASSERT_TRUE(update_user(context, admin, "alice@example.test", off, {}));
  EXPECT_EQ(code(set(token)), "link_invalid");
  ASSERT_TRUE(request_password_reset(context, outsider, "alice@example.test", ""));
  EXPECT_TRUE(deliver().empty());
}

TEST_F(PasswordByLinkTest, OneLinkEndsTheOthers) {
  make_person("alice@example.test", "alice@outside.test");
  ASSERT_TRUE(request_password_reset(context, outsider, "alice@example.test", ""));
  ASSERT_TRUE(request_password_reset(context, outsider, "alice@example.test", "de"));
  const auto mails = deliver();
  ASSERT_EQ(mails.size(), 2U);
  EXPECT_THAT(mails[1].text, HasSubstr("Passwort"));
  ASSERT_TRUE(set(mails[1].token));
  EXPECT_EQ(code(set(mails[0].token)), "link_invalid");
}

TEST_F(PasswordByLinkTest, ThreeAnHourForAnAccountThatMayNotExist) {
  for (int i = 0; i < 3; ++i) {
    ASSERT_TRUE(request_password_reset(context, outsider, "nobody@example.test", ""));
  }
  const auto more = request_password_reset(context, stranger, "NOBODY@example.test", "");
  EXPECT_EQ(code(more), "too_many_requests");
  EXPECT_GT(more.error().retry_after, std::chrono::minutes(59));
  EXPECT_EQ(code(request_password_reset(context, outsider, "other@example.test", "")), "fine");
  plane.clock.moved += std::chrono::minutes(61);
  EXPECT_EQ(code(request_password_reset(context, outsider, "nobody@example.test", "")), "fine");
}

// Requests for accounts that do not exist must not fill the store.
TEST_F(PasswordByLinkTest, AClientMayAskForThirtyAccountsAnHour) {
  for (int i = 0; i < 30; ++i) {
    ASSERT_TRUE(
        request_password_reset(context, outsider, "n" + std::to_string(i) + "@example.test", ""));
  }
  EXPECT_EQ(code(request_password_reset(context, outsider, "more@example.test", "")),
            "too_many_requests");
  EXPECT_EQ(code(request_password_reset(context, stranger, "more@example.test", "")), "fine");
}

// Who can read the recovery address is the owner, whatever strangers have tried.
TEST_F(PasswordByLinkTest, AResetEndsALock) {
  make_person("alice@example.test", "alice@outside.test");
  for (int i = 0; i < 11; ++i) {
    log_in("alice@example.test", "wrong password " + std::to_string(i));
  }
  EXPECT_EQ(code(log_in("alice@example.test", kPassword)), "too_many_logins");
  ASSERT_TRUE(request_password_reset(context, outsider, "alice@example.test", ""));
  ASSERT_TRUE(set(only_mail().token));
  EXPECT_EQ(code(log_in("alice@example.test", kNew)), "fine");
}

TEST_F(PasswordByLinkTest, ALinkForSomethingElseSetsNoPassword) {
  open_registration();
  ASSERT_TRUE(ask("alice@example.test", "alice@outside.test", outsider));
  EXPECT_EQ(code(set(only_mail().token)), "link_for_something_else");
}

TEST_F(PasswordByLinkTest, AnInvitedPersonSetsThePassword) {
  ASSERT_TRUE(create_user(context, admin, input("bob@example.test"), {}));
  EXPECT_EQ(code(invite_user(context, admin, "bob@example.test", "", "")), "missing");
  const auto invited = invite_user(context, admin, "bob@example.test", "bob@outside.test", "de");
  ASSERT_TRUE(invited) << describe(invited.error());
  const auto mail = only_mail();
  EXPECT_EQ(mail.to, "bob@outside.test");
  EXPECT_THAT(mail.text, HasSubstr("/invitation#token="));
  EXPECT_THAT(mail.text, HasSubstr("7 Tagen"));
  plane.clock.moved += std::chrono::days(6);
  ASSERT_TRUE(set(mail.token));
  EXPECT_EQ(code(log_in("bob@example.test", kNew)), "fine");
  // The address is known to be the person's, so it is the recovery address.
  ASSERT_TRUE(request_password_reset(context, outsider, "bob@example.test", ""));
  EXPECT_EQ(only_mail().to, "bob@outside.test");
}

TEST_F(PasswordByLinkTest, OnlyAdministratorsInvite) {
  const Actor person = make_person("alice@example.test", "alice@outside.test");
  EXPECT_EQ(code(invite_user(context, person, "admin@example.test", "x@outside.test", "")),
            "user_unknown");
  EXPECT_EQ(code(invite_user(context, person, "alice@example.test", "", "")), "not_your_domain");
}

TEST_F(PasswordByLinkTest, ADryRunUsesNothingUp) {
  make_person("alice@example.test", "alice@outside.test");
  ASSERT_TRUE(request_password_reset(context, outsider, "alice@example.test", ""));
  const std::string token = only_mail().token;
  ASSERT_TRUE(
      set_password_by_link(context, stranger, Secret(token), Secret(kNew), {.dry_run = true}));
  EXPECT_EQ(code(log_in("alice@example.test", kPassword)), "fine");
  EXPECT_EQ(code(set(token)), "fine");
}

}  // namespace
}  // namespace podplay::control
