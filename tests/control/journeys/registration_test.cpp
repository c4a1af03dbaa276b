// From a stranger's wish to an account, and all that stands in between.
#include "control/journeys/registration.hpp"

#include <gmock/gmock.h>

#include <fstream>
#include <sstream>

#include "control/journeys/cleanup.hpp"
#include "control/journeys/journey_test.hpp"

namespace podplay::control {
namespace {

using testing::Contains;
using testing::HasSubstr;
using testing::Not;

class RegistrationTest : public test::JourneyTest {};

std::string text_of(const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  std::ostringstream text;
  text << file.rdbuf();
  return text.str();
}

TEST_F(RegistrationTest, AMailALinkAndAnAccount) {
  open_registration();
  const auto asked = ask("Alice@example.test", "alice@outside.test", outsider);
  ASSERT_TRUE(asked) << describe(asked.error());
  EXPECT_EQ(code(log_in("alice@example.test", kPassword)), "login_failed");
  const auto mail = only_mail();
  EXPECT_EQ(mail.to, "alice@outside.test");
  EXPECT_THAT(mail.subject, HasSubstr("alice@example.test"));
  EXPECT_THAT(mail.headers, HasSubstr("Auto-Submitted: auto-generated"));
  EXPECT_THAT(mail.headers, HasSubstr("From: postmaster@example.test"));
  EXPECT_THAT(mail.text,
              HasSubstr("https://control.example.test:8443/confirm#token=" + mail.token));
  EXPECT_THAT(mail.html, HasSubstr("#token=" + mail.token + "\""));
  // 256 bits.
  EXPECT_EQ(mail.token.size(), 43U);
  const auto view = look_at_link(context, Secret(mail.token));
  ASSERT_TRUE(view);
  EXPECT_EQ(view->email, "alice@example.test");
  const auto confirmed = confirm(mail.token);
  ASSERT_TRUE(confirmed) << describe(confirmed.error());
  EXPECT_EQ(confirmed->object.state, "active");
  EXPECT_THAT(events(3), Contains("USER_CONFIRMED"));
  EXPECT_EQ(code(log_in("alice@example.test", kPassword)), "fine");
  EXPECT_EQ(code(confirm(mail.token)), "link_invalid");
}

TEST_F(RegistrationTest, TheStoreHasNoToken) {
  open_registration();
  ASSERT_TRUE(ask("alice@example.test", "alice@outside.test", outsider));
  const std::string token = only_mail().token;
  ASSERT_FALSE(token.empty());
  for (const char* name : {"/podplay.db", "/podplay.db-wal"}) {
    EXPECT_THAT(text_of(plane.paths.state + name), Not(HasSubstr(token))) << name;
  }
}

TEST_F(RegistrationTest, ALinkExpires) {
  open_registration();
  ASSERT_TRUE(ask("alice@example.test", "alice@outside.test", outsider));
  const std::string token = only_mail().token;
  plane.clock.moved += std::chrono::minutes(61);
  EXPECT_EQ(code(confirm(token)), "link_invalid");
  EXPECT_EQ(code(look_at_link(context, Secret(token))), "link_invalid");
}

TEST_F(RegistrationTest, ALinkOfAnUnknownTokenIsInvalid) {
  EXPECT_EQ(code(confirm("no-such-token")), "link_invalid");
  EXPECT_EQ(code(confirm(std::string(100'000, 'x'))), "link_invalid");
}

// Nobody learns from the answer which addresses exist; the mail says it, to who can read it.
TEST_F(RegistrationTest, AnAddressThatIsTakenIsAnsweredTheSame) {
  open_registration();
  const auto taken = ask("admin@example.test", "mallory@outside.test", outsider);
  ASSERT_TRUE(taken) << describe(taken.error());
  EXPECT_EQ(list_registrations(context, admin, "", 0, 10)->size(), 1U);
  const auto mail = only_mail();
  EXPECT_EQ(mail.token, "");
  EXPECT_THAT(mail.text, HasSubstr("not available"));
  EXPECT_TRUE(list_registrations(context, admin, "", 0, 10)->empty());
}

TEST_F(RegistrationTest, OfTwoWhoWantAnAddressTheFirstWhoConfirmsGetsIt) {
  open_registration();
  ASSERT_TRUE(ask("alice@example.test", "one@outside.test", outsider));
  ASSERT_TRUE(ask("alice@example.test", "two@outside.test", outsider));
  const auto mails = deliver();
  ASSERT_EQ(mails.size(), 2U);
  EXPECT_EQ(code(confirm(mails[1].token)), "fine");
  EXPECT_EQ(code(confirm(mails[0].token)), "user_exists");
}

TEST_F(RegistrationTest, AClosedDomainAndAnUnknownOneAreAnsweredTheSame) {
  const auto closed = ask("alice@example.test", "alice@outside.test", outsider);
  const auto unknown = ask("alice@elsewhere.test", "alice@outside.test", outsider);
  EXPECT_EQ(code(closed), "registration_closed");
  EXPECT_EQ(code(unknown), "registration_closed");
  EXPECT_TRUE(open_domains(context)->empty());
}

TEST_F(RegistrationTest, EveryFaultIsNamedAtOnce) {
  open_registration();
  const auto refused = register_account(context, outsider,
                                        {.email = "no address",
                                         .password = Secret("short"),
                                         .recovery_address = "neither",
                                         .language = "fr"});
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().faults.size(), 4U);
  const auto itself = ask("alice@example.test", "alice@example.test", outsider);
  EXPECT_EQ(code(itself), "same_address");
  const auto guessed = register_account(context, outsider,
                                        {.email = "alice@example.test",
                                         .password = Secret("password123"),
                                         .recovery_address = "alice@outside.test",
                                         .language = {}});
  EXPECT_EQ(code(guessed), "bad_password");
}

TEST_F(RegistrationTest, ADomainMaySayWhoMayRegister) {
  RuleInput rule{.mode = "open", .allowed_domains = std::vector<std::string>{"Friends.test"}};
  ASSERT_TRUE(set_registration_rule(context, admin, "example.test", rule, {}));
  EXPECT_EQ(code(ask("alice@example.test", "alice@outside.test", outsider)),
            "recovery_domain_not_allowed");
  EXPECT_EQ(code(ask("alice@example.test", "alice@friends.test", outsider)), "fine");
  rule = {.mode = {}, .allowed_domains = {}, .most_pending = 1};
  ASSERT_TRUE(set_registration_rule(context, admin, "example.test", rule, {}));
  const auto full = ask("bob@example.test", "bob@friends.test", outsider);
  EXPECT_EQ(code(full), "too_many_pending");
  EXPECT_GT(full.error().retry_after.count(), 0);
}

TEST_F(RegistrationTest, ARuleThatChangesNothingIsNoChange) {
  ASSERT_TRUE(set_registration_rule(context, admin, "example.test", {.mode = "open"}, {}));
  const auto again = set_registration_rule(context, admin, "example.test", {.mode = "open"}, {});
  EXPECT_TRUE(again->unchanged);
  const auto back = set_registration_rule(context, admin, "example.test", {.mode = ""}, {});
  EXPECT_EQ(back->object.mode, RegistrationMode::off);
  EXPECT_EQ(get_registration_rule(context, admin, "example.test")->revision, 0U);
  EXPECT_EQ(code(set_registration_rule(context, admin, "example.test", {.mode = "maybe"}, {})),
            "unknown_word");
}

TEST_F(RegistrationTest, AnAdministratorApproves) {
  open_registration("approval");
  ASSERT_TRUE(ask("alice@example.test", "alice@outside.test", outsider));
  const auto confirmed = confirm(only_mail().token);
  ASSERT_TRUE(confirmed) << describe(confirmed.error());
  EXPECT_EQ(confirmed->object.state, "waiting_for_approval");
  EXPECT_EQ(code(log_in("alice@example.test", kPassword)), "login_failed");
  EXPECT_EQ(only_mail().to, "admin@example.test");
  // It is longer than the link would have lived.
  plane.clock.moved += std::chrono::days(3);
  const auto approved = approve_registration(context, admin, "alice@example.test", {});
  ASSERT_TRUE(approved) << describe(approved.error());
  EXPECT_EQ(only_mail().to, "alice@outside.test");
  EXPECT_EQ(code(log_in("alice@example.test", kPassword)), "fine");
}

TEST_F(RegistrationTest, AnAdministratorRefuses) {
  open_registration("approval");
  ASSERT_TRUE(ask("alice@example.test", "alice@outside.test", outsider));
  ASSERT_TRUE(confirm(only_mail().token));
  deliver();
  ASSERT_TRUE(refuse_registration(context, admin, "alice@example.test"));
  EXPECT_THAT(only_mail().text, HasSubstr("refused"));
  EXPECT_EQ(code(approve_registration(context, admin, "alice@example.test", {})),
            "registration_unknown");
}

TEST_F(RegistrationTest, OthersSeeNoRegistrations) {
  open_registration();
  ASSERT_TRUE(ask("alice@example.test", "alice@outside.test", outsider));
  const Actor person = make_person("bob@example.test", "");
  EXPECT_FALSE(list_registrations(context, person, "", 0, 10));
  EXPECT_EQ(code(get_registration(context, person, "alice@example.test")), "registration_unknown");
  EXPECT_EQ(code(refuse_registration(context, person, "alice@example.test")),
            "registration_unknown");
  EXPECT_EQ(code(set_registration_rule(context, person, "example.test", {.mode = "open"}, {})),
            "domain_unknown");
}

TEST_F(RegistrationTest, FiveADayFromAnAddress) {
  open_registration();
  for (int i = 0; i < 5; ++i) {
    ASSERT_TRUE(
        ask(std::to_string(i) + "@example.test", std::to_string(i) + "@outside.test", outsider));
  }
  const auto more = ask("more@example.test", "more@outside.test", outsider);
  EXPECT_EQ(code(more), "too_many_requests");
  EXPECT_GT(more.error().retry_after, std::chrono::hours(23));
  const Actor another = Actor::anonymous("", "192.0.2.8");
  EXPECT_EQ(code(ask("more@example.test", "more@outside.test", another)), "fine");
  plane.clock.moved += std::chrono::hours(25);
  EXPECT_EQ(code(ask("again@example.test", "again@outside.test", outsider)), "fine");
}

// Behind a port forward everybody has one address; one of them should not lock out the others.
TEST_F(RegistrationTest, ASharedAddressMayAskTwentyTimesAsOften) {
  plane.settings =
      effective_settings({{"PODPLAY_DOMAIN", "example.test"}, {"PODPLAY_REGISTRATION_TRIES", "1"}})
          .value();
  open_registration();
  for (int i = 0; i < 20; ++i) {
    ASSERT_TRUE(
        ask(std::to_string(i) + "@example.test", std::to_string(i) + "@outside.test", stranger));
  }
  EXPECT_EQ(code(ask("more@example.test", "more@outside.test", stranger)), "too_many_requests");
  EXPECT_EQ(code(ask("more@example.test", "more@outside.test", outsider)), "fine");
}

TEST_F(RegistrationTest, NobodyIsSentMoreThanFiveADay) {
  open_registration();
  for (int i = 0; i < 5; ++i) {
    ASSERT_TRUE(ask("x" + std::to_string(i) + "@example.test", "one@outside.test", stranger));
  }
  EXPECT_EQ(code(ask("y@example.test", "one@outside.test", stranger)), "too_many_requests");
}

TEST_F(RegistrationTest, ALabShowsTheLink) {
  open_registration();
  ASSERT_TRUE(ask("alice@example.test", "alice@outside.test", outsider));
  const auto shown = show_registration_link(context, admin, "alice@example.test");
  ASSERT_TRUE(shown) << describe(shown.error());
  const std::string url = shown->url.reveal();
  EXPECT_EQ(code(confirm(url.substr(url.find("#token=") + 7))), "fine");
  EXPECT_THAT(events(5), Contains("REGISTRATION_LINK_SHOWN"));
}

TEST_F(RegistrationTest, AServerDoesNotShowTheLink) {
  open_registration();
  ASSERT_TRUE(ask("alice@example.test", "alice@outside.test", outsider));
  plane.settings = effective_settings({{"PODPLAY_DOMAIN", "example.test"},
                                       {"PODPLAY_PROFILE", "server"},
                                       {"PODPLAY_MAIL_OUTBOUND", "none"},
                                       {"PODPLAY_PUBLIC_IPV4", "192.0.2.1"}})
                       .value();
  EXPECT_EQ(code(show_registration_link(context, admin, "alice@example.test")), "only_in_a_lab");
}

TEST_F(RegistrationTest, WhatNobodyConfirmedIsForgotten) {
  open_registration();
  ASSERT_TRUE(ask("alice@example.test", "alice@outside.test", outsider));
  deliver();
  EXPECT_EQ(clean_up_journeys(context, admin, true)->registrations, 0);
  plane.clock.moved += std::chrono::hours(2);
  const auto counted = clean_up_journeys(context, admin, true);
  EXPECT_EQ(counted->registrations, 1);
  EXPECT_EQ(counted->links, 1);
  const auto cleaned = clean_up_journeys(context, admin, false);
  EXPECT_EQ(cleaned->registrations, 1);
  EXPECT_EQ(clean_up_journeys(context, admin, true)->links, 0);
}

TEST_F(RegistrationTest, AMailThatPostfixDoesNotTakeIsTriedAgain) {
  open_registration();
  agent.refuses = true;
  ASSERT_TRUE(ask("alice@example.test", "alice@outside.test", outsider));
  for (const Status& done : run_jobs(kLetterJob)) {
    EXPECT_FALSE(done);
  }
  agent.refuses = false;
  EXPECT_EQ(code(confirm(only_mail().token)), "fine");
}

}  // namespace
}  // namespace podplay::control
