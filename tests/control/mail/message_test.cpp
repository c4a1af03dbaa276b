// Messages as they are handed to Postfix.
#include "control/mail/message.hpp"

#include <gtest/gtest.h>

#include "base/encoding.hpp"

namespace podplay::control {
namespace {

using std::chrono::sys_days;

Message message() {
  return {.from = "a@example.test",
          .to = {"b@example.test", "c@example.test"},
          .subject = "Hello",
          .text = "How are you?",
          .id = "id@mail.example.test",
          .date = sys_days(std::chrono::year(2026) / 1 / 5) + std::chrono::hours(7)};
}

TEST(Message, IsWhatItSays) {
  EXPECT_EQ(to_rfc5322(message()),
            "From: a@example.test\r\nTo: b@example.test,\r\n c@example.test\r\n"
            "Subject: Hello\r\nDate: Mon, 5 Jan 2026 07:00:00 +0000\r\n"
            "Message-ID: <id@mail.example.test>\r\nMIME-Version: 1.0\r\n"
            "Content-Type: text/plain; charset=utf-8\r\nContent-Transfer-Encoding: base64\r\n"
            "\r\nSG93IGFyZSB5b3U/\r\n");
}

TEST(Message, HasNoLongAndNoForeignLines) {
  Message long_one = message();
  long_one.subject.clear();
  for (int i = 0; i < 60; ++i) {
    long_one.subject += "\u00e9x";
  }
  long_one.text = std::string(5000, '\xff');
  const std::string text = to_rfc5322(long_one);
  std::size_t at = 0;
  while (at < text.size()) {
    const std::size_t end = text.find("\r\n", at);
    ASSERT_NE(end, text.npos);
    const std::string line = text.substr(at, end - at);
    EXPECT_LE(line.size(), 85U) << line;
    for (const char c : line) {
      EXPECT_TRUE(c >= 0x20 && c < 0x7f) << line;
    }
    at = end + 2;
  }
  EXPECT_NE(text.find("Subject: =?UTF-8?B?"), text.npos);
}

// field_case_13: RFC 2045 section 6.8.
TEST(Message, FieldCase13LinesEndWithCrlfBeforeTheyAreEncoded) {
  for (const auto& [text, wanted] :
       {std::pair{"one\ntwo", "one\r\ntwo"}, std::pair{"a\r\nb\rc\n", "a\r\nb\r\nc\r\n"},
        std::pair{"\r\r\n\n\r", "\r\n\r\n\r\n\r\n"}, std::pair{"", ""}}) {
    Message one = message();
    one.text = text;
    EXPECT_TRUE(
        to_rfc5322(one).ends_with("\r\n\r\n" + (*wanted == '\0' ? "" : base64(wanted) + "\r\n")))
        << to_rfc5322(one);
  }
}

}  // namespace
}  // namespace podplay::control
