// Secrets in the shapes in which daemons, commands and clients write them.
#include "logs/redaction.hpp"

#include <fmt/format.h>
#include <gtest/gtest.h>

#include <ctime>

namespace podplay::logs {
namespace {

// Each holds the secret once or more often; none may be left.
constexpr const char* kWithSecret[] = {
    "login failed password=SECRET1x user=a@b.test",
    "login failed password=\"SECRET1x and more\" user=a",
    "argv: --password SECRET1x password=SECRET1x",
    R"({"password":"SECRET1x","user":"a"})",
    R"({"message":"body {\"newPassword\": \"SECRET1x\"}"})",
    "password: SECRET1x",
    "auth: Info: sql(a,192.0.2.1): Password mismatch (given password: SECRET1x)",
    "rejected password: 'SECRET1x' of a user",
    "relay_password = SECRET1x",
    "GET /api/x?token=SECRET1x&page=2 HTTP/1.1",
    "GET /login/outside?code=SECRET1x&state=SECRET1x HTTP/1.1",
    "Authorization: Basic SECRET1xSECRET1x==",
    "header Authorization: Bearer SECRET1x.SECRET1x",
    "sent Bearer SECRET1xSECRET1x to it",
    "Cookie: theme=dark; session_id=SECRET1x",
    "Set-Cookie: session_id=SECRET1x; HttpOnly",
    "cookie session_id=SECRET1x end",
    "X-CSRF-Token: SECRET1x",
    "AUTH PLAIN SECRET1xSECRET1x=",
    "postfix/smtpd[3]: < host.test[192.0.2.1]: SECRET1xSECRET1x==",
    "client in: AUTH\t1\tPLAIN\tservice=imap\tresp=SECRET1xSECRET1x",
    "a1 LOGIN alice SECRET1x",
    "PASS SECRET1x",
    "relay smtp://user:SECRET1x@relay.test:587 refused",
    "postgresql://podplay:SECRET1x@db/podplay",
    "https://SECRET1x@host.test/",
    "{ARGON2ID}SECRET1xSECRET1x",
    "{PLAIN}SECRET1x",
    "hash $argon2id$v=19$m=1,t=2,p=1$SECRET1x$SECRET1x",
    "hash $6$salt$SECRET1xSECRET1x",
    "token pp_SECRET1xSECRET1xSECRET1x",
    "GET /reset/SECRET1xSECRET1xSECRET1x HTTP/1.1",
    "link https://c.test/reset#token=SECRET1x",
    "eyJSECRET1xSECRET1x.SECRET1x.SECRET1x",
    "-----BEGIN PRIVATE KEY-----\\nSECRET1xSECRET1x\\n-----END PRIVATE KEY-----",
    "-----BEGIN EC PRIVATE KEY----- SECRET1x",
    "SECRET1xSECRET1xSECRET1xSECRET1xSECRET1xSECRET1xSECRET1x",
    "webhook https://hooks.test/services/SECRET1x/SECRET1x failed",
    "key \"rndc\" { secret \"SECRET1x=\"; };",
    "auth_policy_hash_nonce = SECRET1x",
    "relay.test:587 user token=SECRET1x",
};

TEST(Redaction, HidesEverySecret) {
  for (const char* text : kWithSecret) {
    const std::string clean = redact(text);
    EXPECT_EQ(clean.find("SECRET1x"), std::string::npos) << text << "\n" << clean;
    EXPECT_NE(clean.find(kHidden), std::string::npos) << text;
    EXPECT_EQ(redact(clean), clean) << "once is enough: " << text;
  }
}

TEST(Redaction, LeavesTheRestOfTheLine) {
  EXPECT_EQ(redact("login password=x user=a"), "login password=[hidden] user=a");
  EXPECT_EQ(redact("GET /x?token=abc&page=2 HTTP/1.1"), "GET /x?token=[hidden]&page=2 HTTP/1.1");
  EXPECT_EQ(redact("smtp://u:p@h:25 down"), "smtp://u:[hidden]@h:25 down");
  EXPECT_EQ(redact(R"({"password":"a\"b","user":"c"})"), R"({"password":"[hidden]","user":"c"})");
}

TEST(Redaction, LeavesPlainLinesAlone) {
  for (const char* text : {
           "wrong password: look at the log of mail",
           "smtpd[132]: warning: h[192.0.2.1]: SASL LOGIN authentication failed: UGFzc3dvcmQ6",
           "smtp[1]: 4f2A1b3c: to=<a@b.test>, relay=r[192.0.2.1]:25, delay=0.3, status=sent (250 "
           "ok)",
           "smtpd[1]: client=h[192.0.2.1], sasl_method=PLAIN, sasl_username=a@b.test",
           "imap-login: Login: user=<a@b.test>, method=PLAIN, rip=192.0.2.1, session=<aGVsbG8>",
           "problem code=unknown_service tokens=3 state=ready key=7",
           "/data/user-data/users/a@b.test/mail/Maildir/cur/1732.M1P2.host:2,S",
           "Basic authentication is off",
           "%{User-Agent}i",
           "smtp_sasl_password_maps = hash:/etc/postfix/relay",
           "certificate sha256=0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef",
       }) {
    EXPECT_EQ(redact(text), text);
  }
}

TEST(Redaction, IsCheapAndLinear) {
  const std::string line =
      "smtp[1]: 4f2A1b3c: to=<a@b.test>, relay=r[192.0.2.1]:25, delay=0.3, delays=0.1/0/0/0.1, "
      "dsn=2.0.0, status=sent (250 2.0.0 ok: queued as 4XYZ)";
  // In processor time, since other programs may run beside the test.
  const std::clock_t began = std::clock();
  const auto seconds = [began] {
    return static_cast<double>(std::clock() - began) / CLOCKS_PER_SEC;
  };
  std::string out;
  for (int i = 0; i < 100000; ++i) {
    ASSERT_FALSE(redact_into(line, out));
  }
  fmt::print("{:.0f} ns for a line with nothing to hide\n", seconds() * 1e9 / 100000);
  for (const char* part :
       {"password=", "://", "{A}", "$6$", "eyJ", "LOGIN ", "a:", "\"", "-----"}) {
    std::string evil;
    while (evil.size() < 200000) {
      evil += part;
    }
    redact(evil);
  }
  EXPECT_LT(seconds(), 5);
}

}  // namespace
}  // namespace podplay::logs
