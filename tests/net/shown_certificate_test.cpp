// Servers of every protocol are asked which certificate they show.
#include "net/shown_certificate.hpp"

#include <gtest/gtest.h>

#include "net/tls_server.hpp"

namespace podplay::net {
namespace {

using namespace std::chrono_literals;
using test::make_certificate;
using test::Pair;
using test::TlsServer;

struct Protocol {
  const char* name;
  TlsStart start;
  TlsServer::Dialogue dialogue;
};

class ShownCertificate : public testing::TestWithParam<Protocol> {};

TEST_P(ShownCertificate, IsThatOfTheNameThatIsAskedFor) {
  const Pair own = make_certificate({"host.test"});
  const Pair other = make_certificate({"a.test"});
  const TlsServer server({{"", own}, {"a.test", other}}, GetParam().dialogue);
  const auto shown = [&](const std::string& name) {
    const auto seen = shown_certificate("127.0.0.1", server.port(), GetParam().start, name, 2000ms);
    return seen ? *seen : describe(seen.error());
  };
  EXPECT_EQ(shown("a.test"), other.fingerprint);
  EXPECT_EQ(shown("b.test"), own.fingerprint);
  EXPECT_EQ(shown(""), own.fingerprint);
}

INSTANTIATE_TEST_SUITE_P(
    Protocols, ShownCertificate,
    testing::Values(Protocol{"tls", TlsStart::at_once, {}},
                    Protocol{
                        "smtp",
                        TlsStart::smtp,
                        {"220-a\r\n220 b ESMTP\r\n", {"250-b\r\n250 STARTTLS\r\n", "220 go\r\n"}}},
                    Protocol{"imap",
                             TlsStart::imap,
                             {"* OK [CAPABILITY IMAP4rev1] ready\r\n", {"* X\r\na OK begin\r\n"}}},
                    Protocol{"pop3", TlsStart::pop3, {"+OK ready\r\n", {"+OK begin\r\n"}}},
                    Protocol{"sieve",
                             TlsStart::sieve,
                             {"\"IMPLEMENTATION\" \"x\"\r\n\"STARTTLS\"\r\nOK \"ready\"\r\n",
                              {"OK \"begin\"\r\n"}}}),
    [](const auto& one) { return std::string(one.param.name); });

Error error_of(const Result<std::string>& shown) { return shown ? Error{} : shown.error(); }

TEST(ShownCertificateErrors, ARefusedStarttlsIsAnAnswer) {
  const TlsServer server({}, {"+OK ready\r\n", {"-ERR not here\r\n"}});
  const Error error =
      error_of(shown_certificate("127.0.0.1", server.port(), TlsStart::pop3, "a.test", 2000ms));
  EXPECT_TRUE(is_answer(error));
  EXPECT_NE(error.message.find("'-ERR not here'"), error.message.npos) << error.message;
}

TEST(ShownCertificateErrors, AHandshakeThatFailsIsAnAnswerWithItsReason) {
  const TlsServer server({{"", Pair{}}});
  const Error error =
      error_of(shown_certificate("127.0.0.1", server.port(), TlsStart::at_once, "a.test", 2000ms));
  EXPECT_TRUE(is_answer(error));
  EXPECT_NE(error.message.find("alert"), error.message.npos) << error.message;
}

TEST(ShownCertificateErrors, SilenceAndAClosedPortAreNoAnswers) {
  const TlsServer server({}, {"", {""}});
  const Error silent =
      error_of(shown_certificate("127.0.0.1", server.port(), TlsStart::imap, "a.test", 50ms));
  EXPECT_EQ(silent.code, "timeout");
  EXPECT_FALSE(is_answer(silent));
  const Error halfway =
      error_of(shown_certificate("127.0.0.1", server.port(), TlsStart::at_once, "a.test", 50ms));
  EXPECT_FALSE(is_answer(halfway)) << describe(halfway);
  const Error closed =
      error_of(shown_certificate("127.0.0.1", 1, TlsStart::at_once, "a.test", 50ms));
  EXPECT_EQ(closed.code, "connect");
  EXPECT_FALSE(is_answer(closed));
}

TEST(Covers, AWildcardStandsForOneLabel) {
  CertificateInfo info;
  info.names = {"*.a.test", "a.test"};
  EXPECT_TRUE(covers(info, "a.test"));
  EXPECT_TRUE(covers(info, "WWW.a.test"));
  EXPECT_FALSE(covers(info, "x.www.a.test"));
  EXPECT_FALSE(covers(info, "b.test"));
  EXPECT_FALSE(covers(info, ".a.test"));
}

}  // namespace
}  // namespace podplay::net
