// The saved login is private, and sent only to the server that gave it.
#include "cli/session.hpp"

#include <gmock/gmock.h>
#include <pwd.h>
#include <sys/stat.h>
#include <unistd.h>

#include "cli/command_line.hpp"

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
