// Postfix asks, by the protocol of milters, whether the login of a session still holds.
#include "agent/lookups/login_milter.hpp"

#include <gtest/gtest.h>

namespace podplay::agent {
namespace {

using namespace std::chrono_literals;

std::string packet(const std::string& text) {
  const auto size = static_cast<std::uint32_t>(text.size());
  std::string length;
  for (int shift = 24; shift >= 0; shift -= 8) {
    length += static_cast<char>(size >> shift & 0xffU);
  }
  return length + text;
}

// Text that holds NULs.
template <std::size_t kSize>
std::string raw(const char (&text)[kSize]) {
  return {text, kSize - 1};
}

const std::string kLogin = raw("DM{auth_type}\0PLAIN\0{auth_authen}\0Ann@a.test\0");
const std::string kMail = raw("M<ann@a.test>\0");
const std::string kRefusal = std::string("y421 4.7.0 your login has ended, log in again") + '\0';

class LoginMilterTest : public testing::Test {
 protected:
  std::string say(const std::string& packets) {
    std::string in = packets;
    std::string out;
    open_ = milter_.take(in, out);
    rest_ = in;
    return out;
  }

  Result<bool> holds_ = true;
  std::string asked_;
  LoginMilter milter_{[this](std::string_view mailbox, SteadyTime) {
                        asked_ = mailbox;
                        return holds_;
                      },
                      SteadyTime(5s)};
  bool open_ = true;
  std::string rest_;
};

TEST_F(LoginMilterTest, AgreesOnAVersionAndSaysWhatNeedNotBeSent) {
  const std::string answer = say(packet(raw("O\0\0\0\6\0\0\1\377\0\37\377\377")));
  EXPECT_EQ(answer, packet(raw("O\0\0\0\6\0\0\0\0\0\0\1\173")));
}

TEST_F(LoginMilterTest, LetsAMessageGoOnWhileTheLoginHolds) {
  EXPECT_EQ(say(packet(kLogin) + packet(kMail)), packet("c"));
  EXPECT_EQ(asked_, "ann@a.test");
  EXPECT_EQ(say(packet("T") + packet("E")), packet("c") + packet("c"));
}

TEST_F(LoginMilterTest, EndsTheSessionWhenTheLoginHasEnded) {
  say(packet(kLogin) + packet(kMail));
  holds_ = false;
  EXPECT_EQ(say(packet("T")), packet(kRefusal)) << "also between MAIL and DATA";
  EXPECT_EQ(say(packet("E")), packet(kRefusal)) << "also when the text has come";
  EXPECT_EQ(say(packet(kMail)), packet(kRefusal));
}

TEST_F(LoginMilterTest, SaysTryAgainWhenItCannotKnow) {
  holds_ = fail(ErrorKind::io, "file", "the replica cannot be read");
  EXPECT_EQ(say(packet(kLogin) + packet(kMail)), packet("t"));
}

TEST_F(LoginMilterTest, WithoutALoginThereIsNothingToAsk) {
  holds_ = false;
  EXPECT_EQ(say(packet(kMail)), packet("c")) << "Postfix's own rules say what a stranger may";
}

TEST_F(LoginMilterTest, TakesPacketsInPieces) {
  const std::string whole = packet(kLogin) + packet(kMail);
  std::string in;
  std::string out;
  for (const char octet : whole) {
    in += octet;
    ASSERT_TRUE(milter_.take(in, out));
  }
  EXPECT_EQ(out, packet("c"));
}

TEST_F(LoginMilterTest, EndsWithItsClientAndWithNonsense) {
  say(packet("Q"));
  EXPECT_FALSE(open_);
  say(raw("\0\0\0\0"));
  EXPECT_FALSE(open_);
  say("GET / HTTP/1.1\r\n\r\n");
  EXPECT_FALSE(open_);
  say(raw("\0\0"));
  EXPECT_TRUE(open_);
  EXPECT_EQ(say(packet("Dx")), "") << "macros of nothing";
}

}  // namespace
}  // namespace podplay::agent
