// A login of the command line: its token, its second factor, and the authority that it pins.
#include <gmock/gmock.h>
#include <unistd.h>

#include "cli/command_line.hpp"
#include "cli/session.hpp"
#include "net/x509.hpp"

namespace podplay::cli {
namespace {

using testing::HasSubstr;
using testing::Not;

class LoginTest : public CommandLineTest {
 protected:
  Json asked() const { return Json::parse(asked_.body); }
  Session session(const std::string& name = "default") {
    return load_session(files_, folder_.path() + "/podplay/sessions", name).value();
  }
  static net::HttpResponse half(const std::string& factors) {
    return {200, {}, R"({"second_factor_required":true,"ticket":"t-1","factors":)" + factors + "}"};
  }
  const std::vector<std::string> login_{"login", "--email", "a@b.test", "--password",
                                        "correct horse 1"};
  std::vector<std::string> login_with(const std::vector<std::string>& more) {
    std::vector<std::string> words = login_;
    words.insert(words.end(), more.begin(), more.end());
    return words;
  }
};

TEST_F(LoginTest, TheTokenIsNamedAfterTheHost) {
  char host[256] = {};
  ::gethostname(host, sizeof host - 1);
  answer_.body = R"({"token":"pp_secret"})";
  EXPECT_EQ(call(login_).code, 0);
  EXPECT_EQ(asked()["name"], "podplay on " + std::string(host));
  EXPECT_EQ(call(login_with({"--session", "work"})).code, 0);
  EXPECT_EQ(asked()["name"], "podplay on " + std::string(host) + ", session work");
  EXPECT_EQ(session("work").token.reveal(), "pp_secret");
}

TEST_F(LoginTest, ACodeFinishesTheLogin) {
  first_answers_ = {half(R"(["totp","recovery_code"])")};
  answer_.body = R"({"token":"pp_secret"})";
  const Said in = call(login_with({"--factor", "123456"}));
  EXPECT_EQ(in.code, 0) << in.err;
  EXPECT_EQ(asked_.path, "/api/login/factor");
  EXPECT_EQ(asked(), Json::parse(R"({"ticket":"t-1","factor":"totp","code":"123456"})"));
  EXPECT_EQ(session().token.reveal(), "pp_secret");
}

TEST_F(LoginTest, ARecoveryCodeLooksDifferent) {
  first_answers_ = {half(R"(["totp","recovery_code"])")};
  answer_.body = R"({"token":"pp_secret"})";
  EXPECT_EQ(call(login_with({"--factor-stdin"}), "abcd-efgh-ijkl\n").code, 0);
  EXPECT_EQ(asked()["factor"], "recovery_code");
  EXPECT_EQ(asked()["code"], "abcd-efgh-ijkl");
}

TEST_F(LoginTest, WithoutTheFactorThereIsNoLogin) {
  first_answers_ = {half(R"(["totp"])")};
  const Said missing = call(login_);
  EXPECT_EQ(missing.code, 3);
  EXPECT_THAT(missing.err, HasSubstr("--factor"));
  EXPECT_EQ(session().token.reveal(), "");
  first_answers_ = {half(R"(["passkey"])")};
  const Said browser = call(login_);
  EXPECT_EQ(browser.code, 4);
  EXPECT_THAT(browser.err, HasSubstr("needs a browser"));
}

TEST_F(LoginTest, ATokenFromElsewhereIsTriedAndKept) {
  answer_.body = R"({"email":"a@b.test"})";
  const Said in = call({"login", "--token-stdin"}, "pp_given\n");
  EXPECT_EQ(in.code, 0) << in.err;
  EXPECT_EQ(asked_.path, "/api/session");
  EXPECT_EQ(asked_.header("Authorization"), "Bearer pp_given");
  EXPECT_THAT(in.out + in.err, Not(HasSubstr("pp_given")));
  EXPECT_EQ(session().email, "a@b.test");
  EXPECT_EQ(session().token.reveal(), "pp_given");
  refuse(401, "token_invalid");
  EXPECT_EQ(call({"login", "--token-stdin"}, "pp_wrong\n").code, 4);
  EXPECT_EQ(session().token.reveal(), "pp_given") << "the one of before stays";
}

TEST_F(LoginTest, ALogoutRevokesTheToken) {
  answer_.body = R"({"token":"pp_secret"})";
  EXPECT_EQ(call(login_).code, 0);
  EXPECT_EQ(run_words({"logout"}).code, 0);
  EXPECT_EQ(asked_.path, "/api/logout");
  EXPECT_EQ(asked_.header("Authorization"), "Bearer pp_secret");
  EXPECT_EQ(session().token.reveal(), "");
}

TEST_F(LoginTest, AGrantIsOfADomainToAUser) {
  answer_.body = R"({"email":"a@b.test","domains":["b.test"],"role":"domain-admin","revision":7})";
  EXPECT_EQ(call({"domains", "grant", "b.test", "--user", "a@b.test"}).code, 0);
  EXPECT_EQ(all_asked_.back(), "POST /api/users/a@b.test/grants");
  EXPECT_EQ(asked(), Json::parse(R"({"domain":"b.test"})"));
  EXPECT_EQ(call({"domains", "revoke", "b.test", "--user", "a@b.test"}).code, 0);
  EXPECT_EQ(all_asked_.back(), "POST /api/users/a@b.test/grants/revoke");
}

TEST_F(LoginTest, ATokenIsMadeForWhatItSays) {
  answer_.body = R"({"id":7,"name":"ci","token":"pp_new"})";
  const Said made = call({"tokens", "create", "--name", "ci", "--scopes", "users:read,mail:write",
                          "--networks", "192.0.2.0/24", "--lifetime", "3600"});
  EXPECT_EQ(made.code, 0) << made.err;
  EXPECT_THAT(made.out, HasSubstr("pp_new"));
  EXPECT_EQ(asked(), Json::parse(R"({"name":"ci","scopes":["users:read","mail:write"],
                                     "networks":["192.0.2.0/24"],"lifetime":3600})"));
}

// A pod's control host: it gives its root certificate to anybody.
class ControlHost {
 public:
  ControlHost() : ca_(net::make_authority("the pod", std::chrono::days(1), now()).value()) {
    const Secret key = net::make_private_key().value();
    const std::string certificate =
        net::issue_certificate(ca_, key, "localhost", {"localhost", "127.0.0.1"},
                               std::chrono::hours(1), now())
            .value();
    server_ = net::HttpServer::start(
                  {.threads = 2, .tls = net::TlsIdentity{certificate, key}},
                  [this](const net::HttpRequest& request) {
                    asked_ += request.path + " ";
                    return net::HttpResponse{
                        200,
                        {},
                        request.path == "/ca.pem" ? ca_.certificate : R"({"token":"pp_secret"})"};
                  },
                  silent_logger())
                  .value();
  }
  std::string url() const { return "https://127.0.0.1:" + std::to_string(server_->port()); }
  std::string fingerprint() const {
    return net::read_certificate(ca_.certificate).value().fingerprint;
  }
  const std::string& ca() const { return ca_.certificate; }
  const std::string& asked() const { return asked_; }

 private:
  static WallTime now() { return SystemClock().now(); }

  net::CertificateAuthority ca_;
  // Of one request at a time.
  std::string asked_;
  std::unique_ptr<net::HttpServer> server_;
};

TEST_F(LoginTest, AnUnknownAuthorityIsTakenByItsFingerprintOnly) {
  const ControlHost host;
  const auto log_in = [&](const std::string& fingerprint) {
    std::vector<std::string> words = login_with({"--base-url", host.url()});
    if (!fingerprint.empty()) {
      words.insert(words.end(), {"--fingerprint", fingerprint});
    }
    return run_words(words);
  };
  EXPECT_EQ(log_in("").code, 8) << "there is nobody to ask";
  const Said wrong = log_in(std::string(64, '0'));
  EXPECT_EQ(wrong.code, 4);
  EXPECT_THAT(wrong.err, HasSubstr(host.fingerprint())) << "it is shown";
  EXPECT_THAT(host.asked(), Not(HasSubstr("/api/login"))) << "the password was not sent";
  const Said in = log_in(host.fingerprint());
  EXPECT_EQ(in.code, 0) << in.err;
  EXPECT_EQ(session().ca, host.ca());
  EXPECT_EQ(run_words({"users", "list"}).code, 0) << "later commands know it";
}

}  // namespace
}  // namespace podplay::cli
