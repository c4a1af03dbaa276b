#include "agent/evidence/deferral.hpp"

#include <gtest/gtest.h>

namespace podplay::agent {
namespace {

std::string_view kind_of(std::string status, std::string words) {
  return classify_deferral(
      {.recipient = "x@y.example", .status = std::move(status), .words = std::move(words)});
}

TEST(Deferral, TheLastRecordIsRead) {
  const Deferral read = read_deferral(
      "\n<a@y.example>: old\nrecipient=a@y.example\nstatus=4.4.1\naction=delayed\n"
      "reason=old words\n\n<b@y.example>: new\nrecipient=b@y.example\noffset=3\n"
      "status=4.7.1\naction=delayed\nreason=host y.example said: a=b\n");
  EXPECT_EQ(read.recipient, "b@y.example");
  EXPECT_EQ(read.status, "4.7.1");
  EXPECT_EQ(read.words, "host y.example said: a=b");
  EXPECT_EQ(read_deferral("").words, "");
}

TEST(Deferral, EachReasonHasItsClass) {
  EXPECT_EQ(
      kind_of("4.3.2", "delivery to other servers is turned off (PODPLAY_MAIL_OUTBOUND=none)"),
      "off");
  EXPECT_EQ(kind_of("4.4.1", "connect to mail.x[/run/dovecot/lmtp]: Connection refused"), "lmtp");
  EXPECT_EQ(kind_of("4.2.0", "host mail.x[/run/dovecot/lmtp] said: 451 4.2.0 <a@b> Internal error"),
            "mailbox");
  EXPECT_EQ(kind_of("4.4.3", "Host or domain name not found. Name service error for name=y"),
            "dns");
  EXPECT_EQ(kind_of("4.7.5", "Cannot start TLS: handshake failure"), "tls");
  EXPECT_EQ(kind_of("4.2.0", "host y said: 450 4.2.0 Greylisted, see help"), "greylist");
  EXPECT_EQ(kind_of("4.7.1", "host y said: 421 4.7.1 your address is blocked"), "policy");
  EXPECT_EQ(kind_of("4.7.0", "host y said: 451 later"), "policy");
  EXPECT_EQ(kind_of("4.4.1", "connect to 127.0.0.1[127.0.0.1]:26: Connection refused"), "refused");
  EXPECT_EQ(kind_of("4.4.2", "something new"), "refused");
  EXPECT_EQ(kind_of("4.3.0", "something new"), "other");
  EXPECT_EQ(kind_of("4.3.0", "address lookup error"), "lookup");
  EXPECT_EQ(kind_of("4.3.0", "host y said: 451 4.3.0 <x@y.example>: Temporary lookup failure"),
            "other");
}

}  // namespace
}  // namespace podplay::agent
