// Logins by a real OpenID provider (oidc-provider), from the first click to the session. The
// browser is curl.
#include "control/identity/outside_login.hpp"

#include <fcntl.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include <fstream>

#include "contract/pebble_server.hpp"
#include "control/control_test.hpp"
#include "control/identity/totp.hpp"

namespace podplay::control {
namespace {

using Json = nlohmann::json;
using test::value_of;

constexpr const char* kPackages = ".cache/openid-provider";
constexpr const char* kRedirect = "https://control.example.test:8443/login/outside";

struct RealProviderOptions {
  std::string algorithm = "ES256";
  bool claims_in_token = false;
  // Of the client's secret.
  std::string method = "client_secret_basic";
};

class RealProvider {
 public:
  explicit RealProvider(const RealProviderOptions& options) {
    if (!RealFiles{}.exists(std::string(kPackages) + "/fetched-lock.json")) {
      throw std::runtime_error("there is no OpenID provider: run tools/test contract");
    }
    RealFiles files;
    const WallTime now = SystemClock{}.now();
    const auto authority = value_of(net::make_authority("test CA", std::chrono::days(1), now));
    const Secret key = value_of(net::make_private_key());
    ca = authority.certificate;
    value_of(files.write_atomic(path("ca.pem"), ca, 0600, {}));
    value_of(files.write_atomic(
        path("cert.pem"),
        value_of(net::issue_certificate(authority, key, "127.0.0.1", {"127.0.0.1"},
                                        std::chrono::hours(1), now)),
        0600, {}));
    value_of(files.write_atomic(path("key.pem"), key.reveal(), 0600, {}));
    Json client{{"client_id", "podplay"},
                {"redirect_uris", {kRedirect}},
                {"response_types", {"code"}},
                {"grant_types", {"authorization_code"}},
                {"token_endpoint_auth_method", options.method},
                {"id_token_signed_response_alg", options.algorithm}};
    if (options.method != "none") {
      client["client_secret"] = "a secret: & more %";
    }
    const auto account = [](const char* email, bool verified) {
      return Json{{"email", email}, {"email_verified", verified}};
    };
    value_of(files.write_atomic(path("provider.json"),
                                Json{{"port", port},
                                     {"certificate", path("cert.pem")},
                                     {"key", path("key.pem")},
                                     {"clients", {client}},
                                     {"claims_in_token", options.claims_in_token},
                                     {"accounts",
                                      {{"ann", account("ann@example.test", true)},
                                       {"bob", account("bob@example.test", false)},
                                       {"eve", account("ann@example.test", true)}}}}
                                    .dump(),
                                0600, {}));
    log_ = ::open(path("log").c_str(), O_CREAT | O_WRONLY | O_CLOEXEC | O_APPEND, 0600);
    node_ = std::make_unique<test::Child>(ChildSpec{
        .argv = {"node", "tests/contract/openid_provider.mjs", kPackages, path("provider.json")},
        .output = log_,
        .error = log_});
    const auto deadline = std::chrono::steady_clock::now() + std::chrono::seconds(60);
    while (log().find("ready") == std::string::npos) {
      if (std::chrono::steady_clock::now() > deadline) {
        throw std::runtime_error("the provider does not listen: " + log());
      }
      std::this_thread::sleep_for(std::chrono::milliseconds(20));
    }
  }
  ~RealProvider() { ::close(log_); }
  RealProvider(const RealProvider&) = delete;
  RealProvider& operator=(const RealProvider&) = delete;

  std::string issuer() const { return "https://127.0.0.1:" + std::to_string(port); }
  std::string log() const { return RealFiles{}.read(path("log")).value_or(""); }

  // Logs in there as a person would, and gives where the browser is sent at the end.
  std::string log_in(const std::string& url, const std::string& account) {
    static_cast<void>(::unlink(path("cookies").c_str()));
    std::string at = visit(url, "");
    for (int page = 0; page < 10 && !at.starts_with(kRedirect); ++page) {
      const bool form = at.find("/interaction/") != at.npos;
      const std::string body =
          page == 0 ? "prompt=login&login=" + account + "&password=x" : "prompt=consent";
      at = visit(at, form ? body : "");
    }
    return at;
  }

  const int port = test::free_port();
  std::string ca;

 private:
  std::string path(const std::string& name) const { return folder_.path() + "/" + name; }

  // Where the page leads.
  std::string visit(const std::string& url, const std::string& body) {
    std::vector<std::string> argv{"curl",       "-sS",
                                  "--cacert",   path("ca.pem"),
                                  "-b",         path("cookies"),
                                  "-c",         path("cookies"),
                                  "-o",         path("page"),
                                  "-w",         "%{redirect_url}",
                                  "--max-time", "20"};
    if (!body.empty()) {
      argv.insert(argv.end(), {"--data", body});
    }
    argv.push_back(url);
    const auto outcome = ProcessRunner(silent_logger(), false).run({.argv = argv});
    if (!outcome || outcome->exit_code != 0 || outcome->out.empty()) {
      throw std::runtime_error("no way on from " + url + ": " +
                               RealFiles{}.read(path("page")).value_or("") + log());
    }
    return outcome->out;
  }

  test::TestFolder folder_;
  int log_ = -1;
  std::unique_ptr<test::Child> node_;
};

class OutsideLoginContract : public test::ControlTest {
 protected:
  void start(const RealProviderOptions& options = {}) {
    provider = std::make_unique<RealProvider>(options);
    RealFiles files;
    test::Plane::must(files.make_dirs(plane.paths.overrides, 0755));
    test::Plane::must(
        files.write_atomic(plane.paths.overrides + "/provider.pem", provider->ca, 0644, {}));
    std::map<std::string, std::string> settings{
        {"PODPLAY_DOMAIN", "example.test"},
        {"PODPLAY_OUTSIDE_LOGIN_ISSUER", provider->issuer()},
        {"PODPLAY_OUTSIDE_LOGIN_CLIENT_ID", "podplay"},
        {"PODPLAY_OUTSIDE_LOGIN_CA", "provider.pem"}};
    if (options.method != "none") {
      settings["PODPLAY_OUTSIDE_LOGIN_CLIENT_SECRET"] = "a secret: & more %";
    }
    plane.settings = effective_settings(settings).value();
    for (const char* email : {"ann@example.test", "bob@example.test"}) {
      EXPECT_EQ(code(create_user(context, admin, input(email), {})), "fine");
    }
  }
  static std::string parameter(const std::string& url, const std::string& name) {
    const std::size_t begin = url.find(name + "=");
    if (begin == url.npos) {
      return {};
    }
    const std::size_t value = begin + name.size() + 1;
    std::string text = url.substr(value, url.find('&', value) - value);
    for (const auto& [coded, plain] : {std::pair{"%3A", ":"}, std::pair{"%2F", "/"}}) {
      for (std::size_t at; (at = text.find(coded)) != text.npos;) {
        text.replace(at, 3, plain);
      }
    }
    return text;
  }
  OutsideAnswer visit(const std::string& account) {
    const auto url = begin_outside_login(context, "browser");
    EXPECT_TRUE(url) << describe(url.error());
    const std::string back = provider->log_in(*url, account);
    return {.state = parameter(back, "state"),
            .code = parameter(back, "code"),
            .issuer = parameter(back, "iss")};
  }
  Result<LoginStep> finish(const OutsideAnswer& answer, const std::string& browser = "browser") {
    return finish_outside_login(context, browser, answer, {.kind = LoginFacts::Kind::session},
                                stranger);
  }

  std::unique_ptr<RealProvider> provider;
};

TEST_F(OutsideLoginContract, APersonOfTheProviderLogsInOnce) {
  start();
  const OutsideAnswer answer = visit("ann");
  EXPECT_EQ(answer.issuer, provider->issuer());
  EXPECT_EQ(code(finish(answer, "another-browser")), "outside_state_invalid");
  const auto step = finish(answer);
  ASSERT_TRUE(step) << describe(step.error()) << provider->log();
  ASSERT_TRUE(step->done);
  EXPECT_EQ(step->done->user.email, "ann@example.test");
  EXPECT_EQ(code(finish(answer)), "outside_state_invalid");
  EXPECT_EQ(get_outside_connection(context, admin, "ann@example.test")->identity.subject, "ann");
  EXPECT_EQ(code(finish(visit("ann"))), "fine");
}

TEST_F(OutsideLoginContract, AnotherPersonThereIsSomebodyElse) {
  start();
  EXPECT_EQ(code(finish(visit("ann"))), "fine");
  EXPECT_EQ(code(finish(visit("eve"))), "outside_other_person");
  EXPECT_EQ(code(finish(visit("bob"))), "outside_address_unverified");
}

TEST_F(OutsideLoginContract, ACodeIsWorthNothingInAnotherLogin) {
  start();
  OutsideAnswer mine = visit("ann");
  const OutsideAnswer others = visit("bob");
  // Injected: the code of another login, for which PKCE's secret does not fit.
  mine.code = others.code;
  EXPECT_EQ(code(finish(mine)), "outside_refused");
}

TEST_F(OutsideLoginContract, Rs256AndAnAddressInTheTokenWorkToo) {
  start({.algorithm = "RS256", .claims_in_token = true});
  const auto step = finish(visit("ann"));
  EXPECT_TRUE(step) << describe(step.error()) << provider->log();
}

TEST_F(OutsideLoginContract, AClientWithoutASecretWorksToo) {
  start({.method = "none"});
  const auto step = finish(visit("ann"));
  EXPECT_TRUE(step) << describe(step.error()) << provider->log();
}

}  // namespace
}  // namespace podplay::control
