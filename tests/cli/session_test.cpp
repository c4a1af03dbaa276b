// The saved login is private, and sent only to the server that gave it.
#include "cli/session.hpp"

#include <gmock/gmock.h>
#include <pwd.h>
#include <sys/stat.h>
#include <unistd.h>

#include "cli/command_line.hpp"
#include "net/x509.hpp"

namespace podplay::cli {
namespace {

using testing::HasSubstr;
using testing::Not;

TEST_F(CommandLineTest, ATokenIsKeptPrivatelyAndGoesOnlyToTheServerThatGaveIt) {
  answer_.body = R"({"token":"secret-token"})";
  const Said in = call({"login", "--email", "a@b.test", "--password-stdin"}, "correct horse 1\n");
  EXPECT_EQ(in.code, 0) << in.err;
  EXPECT_THAT(in.out + in.err, Not(HasSubstr("secret-token")));
  struct stat info{};
  ASSERT_EQ(::stat((folder_.path() + "/podplay/sessions/default.json").c_str(), &info), 0);
  EXPECT_EQ(info.st_mode & 0777U, 0600U);

  answer_.body = R"({"items":[]})";
  EXPECT_EQ(run_words({"users", "list"}).code, 0);
  EXPECT_EQ(asked_.header("Authorization"), "Bearer secret-token");
  EXPECT_EQ(run_words({"users", "list", "--base-url",
                       "http://localhost:" + std::to_string(server_->port())})
                .code,
            0);
  EXPECT_EQ(asked_.header("Authorization"), "") << "another name is another server";
}

// A server with TLS whose certificate an authority of its own has signed.
class TlsServer {
 public:
  TlsServer() : ca_(net::make_authority("its own", std::chrono::days(1), now()).value()) {
    const Secret key = net::make_private_key().value();
    const std::string certificate =
        net::issue_certificate(ca_, key, "localhost", {"localhost", "127.0.0.1"},
                               std::chrono::hours(1), now())
            .value();
    server_ = net::HttpServer::start(
                  {.threads = 2, .tls = net::TlsIdentity{certificate, key}},
                  [](const net::HttpRequest&) {
                    return net::HttpResponse{200, {}, R"({"token":"secret-token","items":[]})"};
                  },
                  silent_logger())
                  .value();
  }
  const std::string& ca() const { return ca_.certificate; }
  std::string url() const { return "https://127.0.0.1:" + std::to_string(server_->port()); }

 private:
  static WallTime now() { return SystemClock().now(); }

  net::CertificateAuthority ca_;
  std::unique_ptr<net::HttpServer> server_;
};

TEST_F(CommandLineTest, FieldCase17TheAuthorityOfALoginIsThatOfLaterCommands) {
  const TlsServer ours;
  const TlsServer another;
  const std::string good = folder_.path() + "/good.pem";
  const std::string wrong = folder_.path() + "/wrong.pem";
  ASSERT_TRUE(files_.write_atomic(good, ours.ca(), 0600, {}));
  ASSERT_TRUE(files_.write_atomic(wrong, another.ca(), 0600, {}));
  const auto log_in = [&](const std::string& ca) {
    std::vector<std::string> words{"login",    "--email",    "a@b.test",   "--base-url",
                                   ours.url(), "--password", "password123"};
    if (!ca.empty()) {
      words.insert(words.end(), {"--ca", ca});
    }
    return run_words(words);
  };
  EXPECT_EQ(log_in("").code, 8) << "the system does not know this authority";
  const Said refused = log_in(wrong);
  EXPECT_EQ(refused.code, 8);
  EXPECT_THAT(refused.err, HasSubstr("no trusted TLS connection"));
  EXPECT_EQ(log_in(folder_.path() + "/missing.pem").code, 5);
  const Said in = log_in(good);
  ASSERT_EQ(in.code, 0) << in.err;
  ASSERT_TRUE(files_.remove_tree(good));
  EXPECT_EQ(run_words({"users", "list"}).code, 0) << "the session has the authority itself";
  EXPECT_EQ(run_words({"users", "list", "--ca", wrong}).code, 8) << "the option goes first";
  EXPECT_EQ(run_words({"users", "list"}).code, 0) << "and is not kept";
  EXPECT_EQ(run_words({"users", "list", "--base-url", another.url()}).code, 8)
      << "another server has another authority";
  EXPECT_EQ(run_words({"logout"}).code, 0);
}

TEST(SessionFolder, UnderSudoItIsTheCallers) {
  if (::geteuid() != 0) {
    GTEST_SKIP() << "only root can be called by sudo";
  }
  const passwd* person = ::getpwnam("nobody");
  ASSERT_NE(person, nullptr);
  EXPECT_EQ(session_folder({{"HOME", "/root"}, {"SUDO_UID", std::to_string(person->pw_uid)}}),
            std::string(person->pw_dir) + "/.config/podplay/sessions");
  EXPECT_EQ(session_folder({{"HOME", "/root"}}), "/root/.config/podplay/sessions");
}

TEST(SaveSession, UnderSudoTheFileAndItsFoldersBelongToTheCaller) {
  if (::geteuid() != 0) {
    GTEST_SKIP() << "only root can be called by sudo";
  }
  const passwd* person = ::getpwnam("nobody");
  ASSERT_NE(person, nullptr);
  const test::TestFolder folder;
  RealFiles files;
  // This holds even where the folder is not below the caller's home, as with `sudo --preserve-env`.
  const std::string config = folder.path() + "/config";
  ASSERT_TRUE(files.make_dirs(config, 0755));
  ASSERT_TRUE(save_session(
      files, {{"XDG_CONFIG_HOME", config}, {"SUDO_UID", std::to_string(person->pw_uid)}}, "default",
      {.base_url = "http://127.0.0.1:1", .email = "a@b.test", .token = Secret("t")}));
  const auto owner = [&](const std::string& path) {
    struct stat info{};
    EXPECT_EQ(::stat((config + path).c_str(), &info), 0) << path;
    return info.st_uid;
  };
  EXPECT_EQ(owner("/podplay/sessions/default.json"), person->pw_uid);
  EXPECT_EQ(owner("/podplay/sessions"), person->pw_uid);
  EXPECT_EQ(owner("/podplay"), person->pw_uid);
  EXPECT_EQ(owner(""), 0U) << "what was there before is not given away";
}

}  // namespace
}  // namespace podplay::cli
