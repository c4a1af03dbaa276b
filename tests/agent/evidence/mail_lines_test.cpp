#include "agent/evidence/mail_lines.hpp"

#include <gtest/gtest.h>

namespace podplay::agent {
namespace {

TEST(MailLines, WhatTheDaemonsSayIsRead) {
  const MailLine sent = read_mail_line(
      "submission/smtpd[12]: 4F1A2B: client=unknown[192.0.2.7], sasl_method=PLAIN, "
      "sasl_username=ann@example.com");
  EXPECT_EQ(sent.kind, MailLineKind::sent_by);
  EXPECT_EQ(sent.who, "ann@example.com");

  const MailLine bounced = read_mail_line(
      "smtp[12]: 4F1A2B: to=<x@y.example>, relay=y[192.0.2.9]:25, delay=0.4, "
      "delays=0.1/0/0.1/0.2, dsn=5.1.1, status=bounced (host y said: 550 5.1.1 no such user)");
  EXPECT_EQ(bounced.kind, MailLineKind::bounced);
  EXPECT_EQ(bounced.who, "x@y.example");
  EXPECT_EQ(bounced.status, "5.1.1");

  EXPECT_EQ(read_mail_line("lmtp[12]: 4F1A2B: to=<a@b.example>, relay=none, delay=1, "
                           "delays=1/0/0/0, dsn=5.4.6, status=bounced (mail forwarding loop for "
                           "a@b.example)")
                .kind,
            MailLineKind::loop);
  const MailLine full = read_mail_line(
      "smtpd[3]: NOQUEUE: reject: RCPT from unknown[192.0.2.7]: 552 5.2.2 <s@b.example>: Recipient "
      "address rejected: the mailbox is full; from=<x@y> to=<s@b.example> proto=ESMTP");
  EXPECT_EQ(full.kind, MailLineKind::full);
  EXPECT_EQ(full.who, "s@b.example");
  EXPECT_EQ(read_mail_line("smtpd[3]: NOQUEUE: reject: RCPT from unknown[192.0.2.7]: 550 5.4.6 "
                           "<a@b.example>: Recipient address rejected: the aliases of this address "
                           "lead in a circle; from=<x@y>")
                .kind,
            MailLineKind::loop);
  EXPECT_EQ(read_mail_line("cleanup[3]: 4F1A2B: to=<a@b.example>, relay=none, delay=0.1, "
                           "delays=0.1/0/0/0, dsn=5.4.0, status=bounced (Error: too many hops)")
                .kind,
            MailLineKind::loop);
  const MailLine limited = read_mail_line(
      "submission/smtpd[3]: 4F1A2B: reject: DATA from unknown[192.0.2.7]: 450 4.7.1 <DATA>: Data "
      "command rejected: this account may send 500 messages an hour; from=<a@b.example> "
      "to=<x@y.example> proto=ESMTP helo=<c> sasl_username=<a@b.example>");
  EXPECT_EQ(limited.kind, MailLineKind::limited);
  EXPECT_EQ(limited.who, "a@b.example");
  const MailLine denied = read_mail_line(
      "imap(ann@example.com)<12><x>: Error: opendir(/data/x) failed: Permission denied");
  EXPECT_EQ(denied.kind, MailLineKind::denied);
  EXPECT_EQ(denied.who, "ann@example.com");
}

// A sender chooses subjects, message ids and greetings.
TEST(MailLines, WhatASenderWritesIsNotBelieved) {
  for (const char* line : {
           "cleanup[1]: 4F1A2B: message-id=<x>, status=bounced (loop)",
           "cleanup[1]: 4F1A2B: message-id=<: to=<a@b>, dsn=5.4.6, status=bounced (hops)>",
           "smtpd[1]: NOQUEUE: reject: RCPT from x[192.0.2.7]: 450 4.7.1 <a@b>: helo=<]: 552 5.2.2 "
           "<s@b>>",
           "smtpd[1]: warning: non-SMTP command: 4F1: client=x, sasl_username=ann@example.com",
           "smtp[1]: connect to y: status=bounced (too many hops)",
       }) {
    EXPECT_EQ(read_mail_line(line).kind, MailLineKind::other) << line;
  }
}

}  // namespace
}  // namespace podplay::agent
