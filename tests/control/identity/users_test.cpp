// Everything about a user is checked, a change is one revision, and there is always an
// administrator.
#include "control/identity/users.hpp"

#include <gtest/gtest.h>

#include "control/control_test.hpp"
#include "control/mail/aliases.hpp"
#include "store/audit.hpp"
#include "store/feed.hpp"

namespace podplay::control {
namespace {

class UsersTest : public test::ControlTest {};

TEST_F(UsersTest, CreateUserChecksEverything) {
  EXPECT_EQ(code(create_user(context, admin, input("x@missing.test"), {})), "domain_missing");
  UserInput bad = input("no address", "short");
  bad.role = "king";
  bad.quota = -1;
  bad.services = {"mail", "ftp"};
  const auto refused = create_user(context, admin, bad, {});
  ASSERT_FALSE(refused);
  std::vector<std::string> fields;
  for (const Fault& fault : refused.error().faults) {
    fields.push_back(fault.field);
  }
  EXPECT_EQ(fields, (std::vector<std::string>{"email", "role", "quota", "services", "password"}));
  EXPECT_EQ(code(create_user(context, admin, input("admin@example.test"), {})), "user_exists");
}

TEST_F(UsersTest, AnEasyGuessIsAWarningInALabAndRefusedOnAServer) {
  const auto warned = create_user(context, admin, input("x@example.test", "password123"), {});
  ASSERT_TRUE(warned) << describe(warned.error());
  EXPECT_EQ(warned->warnings.size(), 1U);
  const auto fine = create_user(context, admin, input("y@example.test", "three odd socks"), {});
  EXPECT_TRUE(fine->warnings.empty());
  UserInput change;
  change.password = Secret("password123");
  EXPECT_EQ(update_user(context, admin, "y@example.test", change, {})->warnings.size(), 1U);
  plane.settings = effective_settings({{"PODPLAY_DOMAIN", "example.test"},
                                       {"PODPLAY_PROFILE", "server"},
                                       {"PODPLAY_MAIL_OUTBOUND", "none"},
                                       {"PODPLAY_PUBLIC_IPV4", "192.0.2.1"}})
                       .value();
  EXPECT_EQ(code(create_user(context, admin, input("z@example.test", "password123"), {})),
            "bad_password");
  EXPECT_EQ(code(update_user(context, admin, "x@example.test", change, {})), "bad_password");
}

TEST_F(UsersTest, MailGetsTheHashOfNobodyWhoHasNoMail) {
  const auto mailbox = [&](const std::string& email) {
    return std::get<MailboxRow>(rows_of(ServiceName::mail, RowKind::mailbox).at(email));
  };
  UserInput web = input("web@example.test");
  web.services = {"www"};
  ASSERT_TRUE(create_user(context, admin, web, {}));
  EXPECT_EQ(mailbox("web@example.test").password_hash, "");
  ASSERT_TRUE(create_user(context, admin, input("ann@example.test"), {}));
  EXPECT_NE(mailbox("ann@example.test").password_hash, "");
  UserInput off;
  off.enabled = false;
  ASSERT_TRUE(update_user(context, admin, "ann@example.test", off, {}));
  EXPECT_EQ(mailbox("ann@example.test").password_hash, "");
  off.enabled = true;
  ASSERT_TRUE(update_user(context, admin, "ann@example.test", off, {}));
  EXPECT_EQ(mailbox("ann@example.test").password_hash,
            get_user(context, admin, "ann@example.test")->password_hash);
}

TEST_F(UsersTest, AUserIsOneRevisionOneRowOneAuditEvent) {
  const auto made = create_user(context, admin, input("X.y@example.test"), {});
  ASSERT_TRUE(made) << describe(made.error());
  EXPECT_EQ(made->object.email, "x.y@example.test");
  EXPECT_EQ(made->object.username, "x.y");
  EXPECT_EQ(made->services, std::vector{ServiceName::mail});
  EXPECT_EQ(context.hub.newest({ServiceName::mail}), made->revision);
  const auto rows = context.store.read<FeedPage>(
      [](store::Session& s) { return store::read_feed(s, ServiceName::mail, 0, 100); });
  EXPECT_EQ(rows->rows.back().key, "x.y@example.test");
  EXPECT_EQ(rows->rows.back().revision, made->revision);
  const auto audit = context.store.read<std::vector<store::AuditRow>>(
      [](store::Session& s) { return store::list_audit(s, 0, 1); });
  EXPECT_EQ(audit->at(0).event, "USER_CREATED");
}

TEST_F(UsersTest, TheLastAdministratorStays) {
  UserInput demoted;
  demoted.role = "user";
  EXPECT_EQ(code(update_user(context, admin, "admin@example.test", demoted, {})), "last_admin");
  EXPECT_EQ(code(delete_user(context, admin, "admin@example.test", {})), "last_admin");
}

TEST_F(UsersTest, IfMatchGuardsChanges) {
  const auto made = create_user(context, admin, input("m@example.test"), {});
  UserInput change;
  change.quota = 5;
  EXPECT_EQ(code(update_user(context, admin, "m@example.test", change,
                             {.if_match = Etags{.tags = {etag_of(made->revision + 100)}}})),
            "changed_meanwhile");
  EXPECT_EQ(code(update_user(context, admin, "m@example.test", change,
                             {.if_match = Etags{.tags = {"0"}}})),
            "changed_meanwhile");
  EXPECT_EQ(code(update_user(context, admin, "m@example.test", change,
                             {.if_match = Etags{.tags = {"1", etag_of(made->revision)}}})),
            "fine");
}

TEST_F(UsersTest, AStolenTokenDoesNotTakeTheAccount) {
  ASSERT_TRUE(create_user(context, admin, input("t@example.test"), {}));
  const Actor thief = Actor::of(get_user(context, admin, "t@example.test").value());
  UserInput change;
  change.password = Secret("battery staple 1");
  EXPECT_EQ(code(update_user(context, thief, "t@example.test", change, {})), "missing");
  EXPECT_EQ(code(update_user(context, thief, std::to_string(thief.user_id()), change, {})),
            "missing")
      << "not by the id either";
  change.current_password = Secret("guess 1");
  for (int i = 0; i < 10; ++i) {
    EXPECT_EQ(code(update_user(context, thief, "t@example.test", change, {})), "wrong_password");
  }
  change.current_password = Secret("password123");
  EXPECT_EQ(code(update_user(context, thief, "t@example.test", change, {})), "too_many_logins")
      << "trying passwords has the limits of logins";
  const auto audit = context.store.read<std::vector<store::AuditRow>>(
      [](store::Session& s) { return store::list_audit(s, 0, 1); });
  EXPECT_EQ(audit->at(0).event, "PASSWORD_REFUSED");
  UserInput role;
  role.role = "admin";
  EXPECT_EQ(code(update_user(context, thief, "t@example.test", role, {})), "role_too_high");
  UserInput quota;
  quota.quota = 0;
  EXPECT_EQ(code(update_user(context, thief, "t@example.test", quota, {})), "only_the_password");
}

TEST_F(UsersTest, ANewPasswordIsAChangeAlsoWhenItIsTheSame) {
  const auto made = create_user(context, admin, input("p@example.test"), {});
  UserInput change;
  change.password = Secret("password123");
  const auto again = update_user(context, admin, "p@example.test", change, {});
  ASSERT_TRUE(again);
  EXPECT_GT(again->revision, made->revision) << "it ends the user's logins";
}

TEST_F(UsersTest, field_case_09_PasswordsHaveNoControlCharacters) {
  for (const char* bad : {"tab\tinside", "line\ninside", "\x7f delete", "next\xc2\x85line"}) {
    const auto refused = create_user(context, admin, input("p@example.test", bad), {});
    ASSERT_FALSE(refused) << bad;
    EXPECT_EQ(refused.error().faults.at(0).field, "password");
    EXPECT_NE(refused.error().message.find("control character"), std::string::npos);
  }
  EXPECT_EQ(
      code(create_user(context, admin, input("p@example.test", "\xc3\x85ngstr\xc3\xb6m 1"), {})),
      "fine");
}

TEST_F(UsersTest, AMailboxNameHasNoSubaddress) {
  for (const char* email : {"a+b@example.test", "a/b@example.test"}) {
    EXPECT_EQ(create_user(context, admin, input(email), {}).error().faults.at(0).code,
              "bad_mailbox_name")
        << email;
  }
  AliasInput alias;
  alias.address = "info+x@example.test";
  alias.targets = {"a+b@elsewhere.test"};
  EXPECT_EQ(create_alias(context, admin, alias, {}).error().faults.at(0).code, "bad_mailbox_name");
  alias.address = "info@example.test";
  EXPECT_EQ(code(create_alias(context, admin, alias, {})), "fine") << "targets may be anybody's";
}

}  // namespace
}  // namespace podplay::control
