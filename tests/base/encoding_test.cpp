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

TEST(Encoding, AKeyedHashIsThatOfRfc4231) {
  EXPECT_EQ(hmac_sha256_hex(Secret("Jefe"), "what do ya want for nothing?"),
            "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843");
  EXPECT_NE(hmac_sha256_hex(Secret("a"), "x"), hmac_sha256_hex(Secret("b"), "x"));
}

TEST(Encoding, OnlyArgon2idThatIsBoundedInTimeAndMemoryIsAHash) {
  const auto hash = [](const std::string& parameters,
                       const std::string& rest = "c2FsdHNhbHQ$aGFzaGhhc2hoYXNoaGFzaA") {
    return is_password_hash("$argon2id$v=19$" + parameters + "$" + rest);
  };
  for (const char* fine :
       {"m=19456,t=2,p=1", "m=65536,t=4,p=1", "m=65536,t=3,p=4", "m=7168,t=5,p=1",
        "m=12288,t=3,p=1", "m=26214,t=10,p=1", "m=8,t=1,p=1"}) {
    EXPECT_TRUE(hash(fine)) << fine;
  }
  for (const char* wrong :
       {"m=1048576,t=2,p=1", "m=65537,t=1,p=1", "m=65536,t=5,p=1", "m=8,t=4294967295,p=1",
        "m=19456,t=1000,p=1", "m=19456,t=11,p=1", "m=4096,t=1000000,p=1", "m=19456,t=2,p=17",
        "m=65536,t=1,p=4000", "m=19456,t=0,p=1", "m=19456,t=2,p=0", "m=0,t=1,p=1", "m=31,t=1,p=4",
        "m=19456,t=2", "t=2,m=19456,p=1", "m=19456,t=2,p=1,x=1", "m=19456,t=-2,p=1",
        "m=19456,t=18446744073709551617,p=1", "m=19456,t=2,t=900000,p=1"}) {
    EXPECT_FALSE(hash(wrong)) << wrong;
  }
  for (const char* rest : {"c2FsdHNhbHQ$", "$aGFzaGhhc2hoYXNoaGFzaA", "c2FsdHNhbHQ$aGFzaA",
                           "c2Fs$aGFzaGhhc2hoYXNoaGFzaA", "c2Fs'dHNhbHQ$aGFzaGhhc2hoYXNoaGFzaA",
                           "c2FsdHNhbHQ$aGFzaGhhc2hoYXNoaGFzaA$x", "c2FsdHNhbHQ"}) {
    EXPECT_FALSE(hash("m=19456,t=2,p=1", rest)) << rest;
  }
  EXPECT_FALSE(is_password_hash("$1$abc$def"));
  EXPECT_FALSE(
      is_password_hash("$argon2i$v=19$m=19456,t=2,p=1$c2FsdHNhbHQ$aGFzaGhhc2hoYXNoaGFzaA"));
}

}  // namespace
}  // namespace podplay
