// The examples of RFC 6238 and what an app may show when.
#include "auth/totp.hpp"

#include <gtest/gtest.h>

#include "auth/base32.hpp"
#include "auth/qr_code.hpp"

namespace podplay::auth {
namespace {

WallTime at(std::int64_t seconds) { return from_millis(seconds * 1000); }

const Secret kSecret("12345678901234567890");

TEST(Totp, CodesAreThoseOfRfc6238) {
  // Appendix B, the last six of eight digits.
  EXPECT_EQ(totp_code(kSecret, at(59)), "287082");
  EXPECT_EQ(totp_code(kSecret, at(1111111109)), "081804");
  EXPECT_EQ(totp_code(kSecret, at(20000000000)), "353130");
}

TEST(Totp, TheStepBeforeAndTheNextCountToo) {
  const WallTime now = at(1'000'000'015);
  const std::int64_t step = 1'000'000'015 / 30;
  for (const std::int64_t away : {-1, 0, 1}) {
    const std::string code = totp_code(kSecret, at(1'000'000'015 + 30 * away));
    EXPECT_EQ(totp_step(kSecret, code, now, 0), step + away) << away;
  }
  for (const std::int64_t away : {-2, 2}) {
    const std::string code = totp_code(kSecret, at(1'000'000'015 + 30 * away));
    EXPECT_EQ(totp_step(kSecret, code, now, 0), std::nullopt) << away;
  }
}

TEST(Totp, NoStepCountsTwice) {
  const WallTime now = at(1'000'000'015);
  const std::string code = totp_code(kSecret, now);
  const auto step = totp_step(kSecret, code, now, 0);
  ASSERT_TRUE(step);
  EXPECT_EQ(totp_step(kSecret, code, now, *step), std::nullopt);
  EXPECT_EQ(totp_step(kSecret, totp_code(kSecret, at(999'999'985)), now, *step), std::nullopt);
  EXPECT_EQ(totp_step(kSecret, totp_code(kSecret, at(1'000'000'045)), now, *step), *step + 1);
}

TEST(Totp, BlanksDoNotMatterAndOtherTextIsWrong) {
  const WallTime now = at(59);
  EXPECT_TRUE(totp_step(kSecret, " 287 082", now, 0));
  for (const char* wrong : {"", "28708", "2870820", "28708x", "-87082", "0287082"}) {
    EXPECT_FALSE(totp_step(kSecret, wrong, now, 0)) << wrong;
  }
}

TEST(Totp, AppsGetTheSecretByUri) {
  EXPECT_EQ(totp_uri(kSecret, "control.example.test", "ann+x@example.test").reveal(),
            "otpauth://totp/control.example.test:ann%2Bx%40example.test?"
            "secret=GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ&issuer=control.example.test&algorithm=SHA1&"
            "digits=6&period=30");
  EXPECT_EQ(make_totp_secret().reveal().size(), 20U);
  EXPECT_NE(make_totp_secret().reveal(), make_totp_secret().reveal());
}

TEST(Base32, IsThatOfRfc4648AndTakesWhatPeopleType) {
  const std::pair<const char*, const char*> examples[] = {{"", ""},
                                                          {"f", "MY"},
                                                          {"fo", "MZXQ"},
                                                          {"foo", "MZXW6"},
                                                          {"foob", "MZXW6YQ"},
                                                          {"fooba", "MZXW6YTB"},
                                                          {"foobar", "MZXW6YTBOI"}};
  for (const auto& [bytes, text] : examples) {
    EXPECT_EQ(base32(bytes), text);
    EXPECT_EQ(from_base32(text), bytes);
  }
  EXPECT_EQ(from_base32("mzxw-6ytb oi"), "foobar");
  for (const char* wrong : {"M", "MZ1", "MZ=", "MZ", "MZXW6YTBO"}) {
    EXPECT_EQ(from_base32(wrong), std::nullopt) << wrong;
  }
}

TEST(QrCode, IsAPathAPictureAndText) {
  const auto code = make_qr_code(Secret("HELLO"));
  ASSERT_TRUE(code);
  // Version 1, and the border of four modules.
  EXPECT_EQ(code->size, 29);
  // The upper left finder pattern.
  EXPECT_TRUE(code->path.starts_with("M4 4h7v1h-7z")) << code->path;
  EXPECT_NE(code->svg.find(code->path), std::string::npos);
  EXPECT_EQ(std::ranges::count(code->text, '\n'), 15);
  EXPECT_FALSE(make_qr_code(Secret(std::string(5000, 'x'))));
}

}  // namespace
}  // namespace podplay::auth
