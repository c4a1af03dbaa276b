// An import is all or nothing, and says which line is wrong.
#include "control/identity/import_users.hpp"

#include <gtest/gtest.h>

#include "base/encoding.hpp"
#include "control/control_test.hpp"

namespace podplay::control {
namespace {

class ImportUsersTest : public test::ControlTest {};

TEST_F(ImportUsersTest, ImportIsAllOrNothing) {
  const std::string hash = hash_password(Secret("password123")).value();
  int line = 0;
  const auto source = [&](int bad) -> ImportSource {
    line = 0;
    return [&line, bad, hash]() -> Result<std::optional<ImportLine>> {
      if (++line > 1200) {
        return std::optional<ImportLine>();
      }
      UserInput one;
      one.email = line == bad ? "u5@example.test" : "u" + std::to_string(line) + "@example.test";
      one.password_hash = hash;
      return std::optional(ImportLine{.number = line, .user = one});
    };
  };
  const auto refused = import_users(context, admin, source(700), {});
  ASSERT_FALSE(refused);
  EXPECT_TRUE(refused.error().message.starts_with("line 700: ")) << refused.error().message;
  EXPECT_EQ(code(get_user(context, admin, "u1@example.test")), "user_unknown");
  EXPECT_EQ(code(import_users(context, admin, source(700 - 697), {})), "user_twice")
      << "u5 comes as line 3 and as line 5";
  const auto done = import_users(context, admin, source(0), {});
  ASSERT_TRUE(done) << describe(done.error());
  EXPECT_EQ(done->object, 1200);
  EXPECT_EQ(code(get_user(context, admin, "u1200@example.test")), "fine");
}

}  // namespace
}  // namespace podplay::control
