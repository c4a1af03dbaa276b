// Answers never show the hash of a password.
#include "wire/users.hpp"

#include <gtest/gtest.h>

namespace podplay::wire {
namespace {

TEST(Users, NeverTheHash) {
  User user;
  user.password_hash = "$argon2id$secret";
  EXPECT_EQ(to_json(user).dump().find("secret"), std::string::npos);
}

}  // namespace
}  // namespace podplay::wire
