// Hashes, base64 and passwords, compared with known answers.
#include "base/encoding.hpp"

#include <gtest/gtest.h>

namespace podplay {
namespace {

TEST(Encoding, KnownAnswers) {
  EXPECT_EQ(sha256_hex("abc"), "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
  EXPECT_EQ(base64("hello?>"), "aGVsbG8/Pg==");
  EXPECT_EQ(base64url("hello?>"), "aGVsbG8_Pg");
  EXPECT_EQ(from_base64("aGVsbG8/Pg==").value(), "hello?>");
  EXPECT_FALSE(from_base64("%%"));
  EXPECT_EQ(from_base64url("aGVsbG8_Pg").value(), "hello?>");
  EXPECT_FALSE(from_base64url("aGVsbG8_Pg=="));
  EXPECT_FALSE(from_base64url("aGVsbG8/Pg"));
  EXPECT_EQ(hex(sha256("abc")), sha256_hex("abc"));
  // RFC 4231 section 4.3.
  EXPECT_EQ(hex(hmac_sha256(Secret("Jefe"), "what do ya want for nothing?")),
            "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843");
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
  // Such a hash would need 1 GiB for each login.
  EXPECT_FALSE(is_password_hash("$argon2id$v=19$m=1048576,t=2,p=1$c2FsdHNhbHQ$aGFzaA"));
  EXPECT_FALSE(is_password_hash("$argon2id$v=19$m=19456,t=2,p=1$c2FsdHNhbHQ$"));
  EXPECT_FALSE(is_password_hash("$argon2id$v=19$m=19456,t=2,p=1$c2Fs'dHNhbHQ$aGFzaA"));
  EXPECT_FALSE(is_password_hash("$1$abc$def"));
}

}  // namespace
}  // namespace podplay
