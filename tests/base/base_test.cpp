// Errors, encodings, passwords, time, diffs.
#include <gtest/gtest.h>

#include "base/clock.hpp"
#include "base/encoding.hpp"
#include "base/files.hpp"
#include "base/result.hpp"

namespace podplay {
namespace {

TEST(Result, OneFaultGivesItsCodeAndRemedy) {
  const Status status = fail_faults(
      {{"email", "bad_email", "'x' is not an e-mail address", "write name@example.com"}});
  ASSERT_FALSE(status);
  EXPECT_EQ(status.error().code, "bad_email");
  EXPECT_EQ(describe(status.error()), "'x' is not an e-mail address (write name@example.com)");
}

TEST(Result, SeveralFaultsAreAllTold) {
  const Status status =
      fail_faults({{"a", "x", "a is wrong", ""}, {"b", "y", "b is wrong", "mend b"}});
  EXPECT_EQ(status.error().code, "invalid");
  EXPECT_EQ(describe(status.error()),
            "a is wrong; b is wrong\n  a: a is wrong\n  b: b is wrong (mend b)");
  const Status one = fail_faults({{"a", "x", "a is wrong", "mend a"}}, "nothing was done");
  EXPECT_EQ(describe(one.error()), "nothing was done: a is wrong (mend a)")
      << "a heading does not hide the one fault";
}

TEST(Clock, WritesRfc3339) {
  EXPECT_EQ(to_rfc3339(from_millis(1769860800123)), "2026-01-31T12:00:00.123Z");
  EXPECT_EQ(to_millis(from_millis(-1)), -1);
}

TEST(Encoding, KnownAnswers) {
  EXPECT_EQ(sha256_hex("abc"), "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
  EXPECT_EQ(base64("hello?>"), "aGVsbG8/Pg==");
  EXPECT_EQ(base64url("hello?>"), "aGVsbG8_Pg");
  EXPECT_EQ(from_base64("aGVsbG8/Pg==").value(), "hello?>");
  EXPECT_FALSE(from_base64("%%"));
  EXPECT_NE(random_token(), random_token());
  EXPECT_TRUE(equal_constant_time("ab", "ab"));
  EXPECT_FALSE(equal_constant_time("ab", "abc"));
}

TEST(Encoding, PasswordsAreHashedAsOwaspSays) {
  const auto hash = hash_password(Secret("password123"));
  ASSERT_TRUE(hash);
  EXPECT_TRUE(hash->starts_with("$argon2id$v=19$m=19456,t=2,p=1$")) << *hash;
  EXPECT_TRUE(verify_password(*hash, Secret("password123")));
  EXPECT_FALSE(verify_password(*hash, Secret("password124")));
  EXPECT_FALSE(verify_password("", Secret("password123")));
}

TEST(Encoding, OnlyBoundedArgon2idIsAHash) {
  EXPECT_TRUE(is_password_hash("$argon2id$v=19$m=19456,t=2,p=1$c2FsdHNhbHQ$aGFzaA"));
  // 1 GiB for each login
  EXPECT_FALSE(is_password_hash("$argon2id$v=19$m=1048576,t=2,p=1$c2FsdHNhbHQ$aGFzaA"));
  EXPECT_FALSE(is_password_hash("$argon2id$v=19$m=19456,t=2,p=1$c2FsdHNhbHQ$"));
  EXPECT_FALSE(is_password_hash("$argon2id$v=19$m=19456,t=2,p=1$c2Fs'dHNhbHQ$aGFzaA"));
  EXPECT_FALSE(is_password_hash("$1$abc$def"));
}

TEST(Diff, ShowsChangesWithContext) {
  const std::string before = "a\nb\nc\nd\ne\nf\ng\nh\ni\nj\n";
  const std::string after = "a\nb\nc\nd\nE\nf\ng\nh\ni\nj\nk\n";
  EXPECT_EQ(unified_diff(before, after, "x"),
            "--- a/x\n+++ b/x\n@@ -2,9 +2,10 @@\n b\n c\n d\n-e\n+E\n f\n g\n h\n i\n j\n+k\n");
  EXPECT_EQ(unified_diff(before, before, "x"), "");
  EXPECT_EQ(unified_diff("", "a\n", "x"), "--- a/x\n+++ b/x\n@@ -1,0 +1,1 @@\n+a\n");
}

}  // namespace
}  // namespace podplay
