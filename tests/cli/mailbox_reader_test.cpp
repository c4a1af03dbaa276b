// What is read of a mail: enough to follow its link.
#include "cli/mailbox_reader.hpp"

#include <gtest/gtest.h>

#include "base/encoding.hpp"

namespace podplay::cli {
namespace {

std::string part(const std::string& type, const std::string& text) {
  return "--b\nContent-Type: " + type + "; charset=utf-8\nContent-Transfer-Encoding: base64\n\n" +
         base64(text) + "\n";
}

TEST(MailboxReader, FindsTheTokenOfALink) {
  const ReadMail mail = parse_mail(
      "From: postmaster@example.test\nTo: a@outside.test\nSubject: =?UTF-8?B?" + base64("Grüße ") +
      "?=\n =?UTF-8?B?" + base64("an alle") +
      "?=\nDate: Mon, 5 Jan 2026 07:00:00 +0000\nMIME-Version: 1.0\nContent-Type: "
      "multipart/alternative; boundary=\"b\"\n\n" +
      part("text/plain", "Confirm:\r\n\r\nhttps://c.test/confirm#token=a-b_c\r\n\r\nBye\r\n") +
      part("text/html", "<a href=\"https://c.test/confirm#token=a-b_c\">Confirm</a>") + "--b--\n");
  EXPECT_EQ(mail.subject, "Grüße an alle");
  EXPECT_EQ(mail.from, "postmaster@example.test");
  EXPECT_EQ(mail.token, "a-b_c");
  EXPECT_NE(mail.html.find("#token=a-b_c\""), std::string::npos);
  EXPECT_EQ(mail.text.substr(0, 10), "Confirm:\n\n");
}

TEST(MailboxReader, TakesWhatIsNoSuchMail) {
  EXPECT_EQ(parse_mail("").token, "");
  EXPECT_EQ(parse_mail("Subject: plain\n\nhello #token=").token, "");
  EXPECT_EQ(parse_mail("Subject: plain\n\nhello").subject, "plain");
}

}  // namespace
}  // namespace podplay::cli
