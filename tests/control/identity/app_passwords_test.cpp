// App passwords: rows of mail's feed as long as they exist, and no longer than their user.
#include "control/identity/app_passwords.hpp"

#include <gtest/gtest.h>

#include "auth/generated.hpp"
#include "control/control_test.hpp"

namespace podplay::control {
namespace {

class AppPasswordsTest : public test::ControlTest {
 protected:
  AppPasswordsTest() {
    for (const char* email : {"ann@example.test", "bob@example.test"}) {
      EXPECT_EQ(code(create_user(context, admin, input(email), {})), "fine");
    }
    ann = logged_in("ann@example.test");
    bob = logged_in("bob@example.test");
  }
  Actor logged_in(const std::string& email) {
    return Actor::of(get_user(context, admin, email).value(),
                     LoginFacts{.kind = LoginFacts::Kind::token, .proven = context.clock.now()});
  }
  std::map<std::string, RowContent> rows() {
    return rows_of(ServiceName::mail, RowKind::app_password);
  }

  Actor ann = Actor::anonymous("", "");
  Actor bob = Actor::anonymous("", "");
};

TEST_F(AppPasswordsTest, OneIsShownOnceAndTravelsAsARow) {
  const auto made =
      create_app_password(context, ann, {.name = "phone", .protocols = {{"imap", "smtp"}}}, {});
  ASSERT_TRUE(made) << describe(made.error());
  EXPECT_EQ(made->services, std::vector{ServiceName::mail});
  const std::string key = std::to_string(made->object.password.id);
  ASSERT_TRUE(rows().contains(key));
  const auto row = std::get<AppPasswordRow>(rows().at(key));
  EXPECT_EQ(row.email, "ann@example.test");
  EXPECT_EQ(row.owner, get_user(context, admin, "ann@example.test")->owner);
  EXPECT_EQ(row.hash, auth::app_password_hash(made->object.text));
  EXPECT_EQ(row.protocols, (std::vector<std::string>{"imap", "smtp"}));
  const auto listed = list_app_passwords(context, ann, "");
  ASSERT_EQ(listed->size(), 1U);
  EXPECT_EQ(listed->front().name, "phone");
}

TEST_F(AppPasswordsTest, WithoutProtocolsItIsForAll) {
  const auto made = create_app_password(context, ann, {.name = "laptop"}, {});
  ASSERT_TRUE(made);
  EXPECT_EQ(made->object.password.protocols.size(), 4U);
}

TEST_F(AppPasswordsTest, WrongInputIsRefusedAsAWhole) {
  const auto refused =
      create_app_password(context, ann, {.name = "", .protocols = {{"imap", "http", "ftp"}}}, {});
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().faults.size(), 3U);
  EXPECT_EQ(code(create_app_password(context, ann,
                                     {.name = "x", .protocols = std::vector<std::string>()}, {})),
            "missing");
  EXPECT_TRUE(rows().empty());
}

TEST_F(AppPasswordsTest, ADryRunMakesNone) {
  const auto tried = create_app_password(context, ann, {.name = "phone"}, {.dry_run = true});
  ASSERT_TRUE(tried);
  EXPECT_TRUE(list_app_passwords(context, ann, "")->empty());
}

TEST_F(AppPasswordsTest, RevokedItIsGoneEverywhere) {
  const auto id = create_app_password(context, ann, {.name = "phone"}, {})->object.password.id;
  EXPECT_EQ(code(revoke_app_password(context, bob, id, {})), "app_password_unknown");
  EXPECT_EQ(code(revoke_app_password(context, ann, 999, {})), "app_password_unknown");
  EXPECT_EQ(code(revoke_app_password(context, ann, id, {})), "fine");
  EXPECT_TRUE(rows().empty());
  EXPECT_TRUE(list_app_passwords(context, ann, "")->empty());
}

TEST_F(AppPasswordsTest, AnAdministratorSeesAndRevokesThem) {
  const auto id = create_app_password(context, ann, {.name = "phone"}, {})->object.password.id;
  EXPECT_EQ(list_app_passwords(context, admin, "ann@example.test")->size(), 1U);
  EXPECT_EQ(code(list_app_passwords(context, bob, "ann@example.test")), "user_unknown");
  EXPECT_EQ(code(revoke_app_password(context, admin, id, {})), "fine");
}

TEST_F(AppPasswordsTest, TheyEndWithTheirUser) {
  ASSERT_TRUE(create_app_password(context, ann, {.name = "phone"}, {}));
  ASSERT_TRUE(create_app_password(context, bob, {.name = "phone"}, {}));
  EXPECT_EQ(code(delete_user(context, admin, "ann@example.test", {})), "fine");
  ASSERT_EQ(rows().size(), 1U);
  EXPECT_EQ(std::get<AppPasswordRow>(rows().begin()->second).email, "bob@example.test");
}

TEST_F(AppPasswordsTest, WhatAnAgentSawIsShown) {
  const auto id = create_app_password(context, ann, {.name = "phone"}, {})->object.password.id;
  const WallTime at = from_millis(1'800'000'000'000);
  ASSERT_TRUE(note_app_password_uses(
      context, {{.id = id, .at = at, .address = "192.0.2.9", .protocol = "imap"},
                {.id = 999, .at = at, .address = "192.0.2.9", .protocol = "imap"}}));
  const auto listed = list_app_passwords(context, ann, "");
  EXPECT_EQ(listed->front().last_used, at);
  EXPECT_EQ(listed->front().last_address, "192.0.2.9");
  EXPECT_EQ(listed->front().last_protocol, "imap");
}

}  // namespace
}  // namespace podplay::control
