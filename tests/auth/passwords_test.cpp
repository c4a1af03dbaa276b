// Hashes of other systems, generated passwords, and secrets that are sealed.
#include <gtest/gtest.h>

#include <set>

#include "auth/generated.hpp"
#include "auth/password_scheme.hpp"
#include "auth/sealing.hpp"
#include "base/encoding.hpp"

namespace podplay::auth {
namespace {

// From the specifications of both schemes: "Hello world!" and "U*U".
constexpr const char* kSha512 =
    "$6$saltstring$svn8UoSVapNtMuq1ukKS4tPQd8iKwSMHWjl/O817G3uBnIFNjnQJuesI68u4OTLiBFdcbYEdFCoEOfaS"
    "35inz1";
constexpr const char* kBcrypt = "$2a$05$CCCCCCCCCCCCCCCCCCCCC.E5YPO9kmyuRGyh0XouQYb4YMJKvyOeW";

TEST(PasswordScheme, HashesOfOtherSystemsAreVerified) {
  const auto sha512 = take_hash(std::string("{SHA512-CRYPT}") + kSha512);
  ASSERT_TRUE(sha512) << describe(sha512.error());
  EXPECT_TRUE(verify(*sha512, Secret("Hello world!")));
  EXPECT_FALSE(verify(*sha512, Secret("Hello world")));
  EXPECT_EQ(take_hash(kSha512).value_or(""), *sha512);
  const auto bcrypt = take_hash(std::string("{blf-crypt}") + kBcrypt);
  ASSERT_TRUE(bcrypt) << describe(bcrypt.error());
  EXPECT_EQ(*bcrypt, std::string("{BLF-CRYPT}") + kBcrypt);
  EXPECT_TRUE(verify(*bcrypt, Secret("U*U")));
  EXPECT_FALSE(verify(*bcrypt, Secret("U*V")));
}

TEST(PasswordScheme, OursHaveNoSchemeBeforeThem) {
  const std::string hash = hash_password(Secret("password123")).value();
  EXPECT_EQ(take_hash("{ARGON2ID}" + hash).value_or(""), hash);
  EXPECT_EQ(take_hash(hash).value_or(""), hash);
  EXPECT_TRUE(verify(hash, Secret("password123")));
  EXPECT_FALSE(verify("", Secret("")));
}

TEST(PasswordScheme, WhatIsOfAnotherSchemeOrTooExpensiveIsRefused) {
  const std::string salt_and_digest = std::string(kSha512).substr(3);
  const std::string rest = std::string(kBcrypt).substr(7);
  for (const std::string& wrong :
       {std::string(), std::string("password"), std::string("{PLAIN}password"),
        std::string("{SHA512-CRYPT}") + kBcrypt, std::string("{BLF-CRYPT}") + kSha512,
        std::string("{BLF-CRYPT}"), "{MD5-CRYPT}" + std::string(kSha512), std::string("$1$abc$def"),
        "$6$rounds=999999$" + salt_and_digest, "$6$rounds=10$" + salt_and_digest,
        "$6$rounds=-1$" + salt_and_digest, "$6$rounds=5000" + salt_and_digest,
        std::string(kSha512) + "x", "$2a$13$" + rest, "$2a$31$" + rest, "$2a$03$" + rest,
        "$2x$05$" + rest, "$2a$5$" + rest, std::string("$6$salt'string$") + std::string(86, 'a')}) {
    const auto taken = take_hash(wrong);
    EXPECT_FALSE(taken) << wrong;
    EXPECT_FALSE(verify(wrong, Secret("Hello world!"))) << wrong;
  }
  EXPECT_TRUE(take_hash("$6$rounds=656000$" + salt_and_digest));
  EXPECT_TRUE(take_hash("$2y$12$" + rest));
}

TEST(PasswordScheme, AHashIsOutdatedWhenANewOneWouldBeBetter) {
  const HashCost cost{.memory = 8192, .passes = 2};
  const std::string hash = hash_password(Secret("password123"), cost).value();
  EXPECT_TRUE(hash.starts_with("$argon2id$v=19$m=8192,t=2,p=1$")) << hash;
  EXPECT_FALSE(is_outdated(hash, cost));
  EXPECT_FALSE(is_outdated(hash, {.memory = 8192, .passes = 1}));
  EXPECT_TRUE(is_outdated(hash, {.memory = 19456, .passes = 2}));
  EXPECT_TRUE(is_outdated(hash, {.memory = 8192, .passes = 3}));
  EXPECT_TRUE(is_outdated(std::string("{SHA512-CRYPT}") + kSha512, cost));
}

TEST(Generated, RecoveryCodesAreTenAndTakenAsTheyAreTyped) {
  const auto codes = make_recovery_codes();
  ASSERT_EQ(codes.size(), kRecoveryCodes);
  std::set<std::string> hashes;
  for (const Secret& code : codes) {
    EXPECT_EQ(code.reveal().size(), 19U) << "four groups of four";
    hashes.insert(recovery_code_hash(code.reveal()));
  }
  EXPECT_EQ(hashes.size(), kRecoveryCodes);
  EXPECT_EQ(recovery_code_hash("MZXW 6ytb-oi4tc2lq"), recovery_code_hash("mzxw-6ytb-oi4t-c2lq"));
  for (const char* wrong : {"", "123456", "mzxw-6ytb-oi4t", "mzxw-6ytb-oi4t-c2lq-mzxw"}) {
    EXPECT_EQ(recovery_code_hash(wrong), "") << wrong;
  }
}

TEST(Generated, AnAppPasswordHas128BitsAndAFastHash) {
  const Secret password = make_app_password();
  EXPECT_EQ(password.reveal().size(), 30U);
  // As the passdb of dovecot.conf expects it.
  EXPECT_TRUE(password.reveal().starts_with("app-"));
  EXPECT_EQ(password.reveal().find_first_not_of("abcdefghijklmnopqrstuvwxyz234567", 4),
            std::string::npos);
  EXPECT_EQ(app_password_hash(password), sha256_hex(password.reveal()));
  EXPECT_NE(password.reveal(), make_app_password().reveal());
}

TEST(Seal, OpensOnlyWithItsKeyAtItsPlaceAndUnchanged) {
  const Secret key = make_sealing_key();
  const auto seal = Seal::from_key(key);
  ASSERT_TRUE(seal);
  const std::string closed = seal->close(Secret("the secret"), "totp 7");
  EXPECT_EQ(closed.find("secret"), std::string::npos);
  EXPECT_NE(closed, seal->close(Secret("the secret"), "totp 7"));
  EXPECT_EQ(Seal::from_key(key)->open(closed, "totp 7")->reveal(), "the secret");
  EXPECT_EQ(seal->open(closed, "totp 8").error().code, "sealed_elsewhere");
  EXPECT_FALSE(Seal::from_key(make_sealing_key())->open(closed, "totp 7"));
  for (std::size_t i = 0; i < closed.size(); ++i) {
    std::string changed = closed;
    changed[i] = changed[i] == 'A' ? 'B' : 'A';
    EXPECT_FALSE(seal->open(changed, "totp 7")) << i;
  }
  EXPECT_FALSE(seal->open("", "totp 7"));
  EXPECT_EQ(Seal::from_key(Secret("short")).error().code, "bad_sealing_key");
}

TEST(Seal, MarksProveWhoWroteAText) {
  const auto seal = Seal::from_key(make_sealing_key());
  EXPECT_EQ(seal->mark("a"), seal->mark("a"));
  EXPECT_NE(seal->mark("a"), seal->mark("b"));
  EXPECT_NE(seal->mark("a"), Seal::from_key(make_sealing_key())->mark("a"));
}

}  // namespace
}  // namespace podplay::auth
