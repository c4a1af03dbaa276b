// Hashes of other systems, and of times when hashing cost less, give way at a login.
#include "control/identity/rehash.hpp"

#include <gtest/gtest.h>

#include "auth/password_scheme.hpp"
#include "control/control_test.hpp"
#include "control/identity/users.hpp"

namespace podplay::control {
namespace {

class RehashTest : public test::ControlTest {
 protected:
  User make(const std::string& hash) {
    UserInput given;
    given.email = "ann@example.test";
    given.password_hash = hash;
    const auto made = create_user(context, admin, given, {});
    EXPECT_TRUE(made) << describe(made.error());
    return made->object;
  }
  User ann() { return get_user(context, admin, "ann@example.test").value(); }
  bool logs_in(const std::string& password) {
    return login(context, "ann@example.test", Secret(password), {}, stranger).has_value();
  }
  MailboxRow mailbox() {
    return std::get<MailboxRow>(
        rows_of(ServiceName::mail, RowKind::mailbox).at("ann@example.test"));
  }
};

TEST_F(RehashTest, AHashOfAnotherSystemIsReplacedAtALogin) {
  const User before =
      make("{BLF-CRYPT}$2b$05$CCCCCCCCCCCCCCCCCCCCC.H52AdFE0eodbgnKIvdnrA8Iqa4QTfYq");
  EXPECT_TRUE(mailbox().password_hash.starts_with("{BLF-CRYPT}$2b$"));
  EXPECT_FALSE(logs_in("correct horse 2"));
  EXPECT_EQ(ann().password_hash, before.password_hash);
  EXPECT_TRUE(logs_in("correct horse 1"));
  EXPECT_TRUE(ann().password_hash.starts_with("$argon2id$")) << ann().password_hash;
  EXPECT_EQ(mailbox().password_hash, ann().password_hash);
  EXPECT_EQ(ann().revision, before.revision) << "nothing that is shown has changed";
  EXPECT_TRUE(logs_in("correct horse 1"));
}

TEST_F(RehashTest, AHigherCostIsPaidAtTheNextLogin) {
  const User before = make(hash_password(Secret("correct horse 1"), {.memory = 8192}).value());
  EXPECT_TRUE(logs_in("correct horse 1"));
  EXPECT_TRUE(ann().password_hash.starts_with("$argon2id$v=19$m=19456,t=2,p=1$"));
  const std::string now = ann().password_hash;
  EXPECT_TRUE(logs_in("correct horse 1"));
  EXPECT_EQ(ann().password_hash, now) << "once";
}

}  // namespace
}  // namespace podplay::control
