// Wrong words are explained, and nothing is sent.
#include <gmock/gmock.h>
#include <unistd.h>

#include <csignal>

#include "cli/command_line.hpp"

namespace podplay::cli {
namespace {

using testing::HasSubstr;

TEST_F(CommandLineTest, WrongWordsAreUsageErrors) {
  EXPECT_EQ(run_words({}).code, 2);
  EXPECT_THAT(run_words({"domains", "add"}).err,
              HasSubstr("there is no command 'domains add'; there are list, show, create"));
  EXPECT_THAT(run_words({"users", "crate"}).err, HasSubstr("did you mean users create?"));
  EXPECT_THAT(run_words({"users"}).err, HasSubstr("a command is missing"));
  EXPECT_THAT(run_words({"ps"}).err, HasSubstr("there is no command 'ps'; there are users"));
  EXPECT_THAT(run_words({"--jsn"}).err, HasSubstr("a command is missing"));
  EXPECT_EQ(run_words({"users", "frobnicate"}).code, 2);
  EXPECT_EQ(run_words({"help", "users"}).out, run_words({"users", "--help"}).out);
  const Said two_words = run_words({"mail", "deleted", "--help"});
  EXPECT_EQ(two_words.code, 0);
  EXPECT_THAT(two_words.out, HasSubstr("restore"));
  EXPECT_EQ(run_words({"help", "mail", "deleted"}).out, two_words.out);
  EXPECT_EQ(run_words({"mail", "deleted", "help"}).out, two_words.out);
  EXPECT_THAT(run_words({"mail", "deleted", "erese"}).err,
              HasSubstr("did you mean mail deleted erase?"));
  const Said missing = run_words({"users", "create", "--password", "password123"});
  EXPECT_EQ(missing.code, 2);
  EXPECT_THAT(missing.err, HasSubstr("--email"));
  EXPECT_THAT(missing.err, HasSubstr("podplay users create --help"));
  EXPECT_EQ(run_words({"users", "list", "--no-such-option"}).code, 2);
}

TEST_F(CommandLineTest, TheVersionIsAnOptionToo) {
  EXPECT_EQ(run_words({"--version"}).out, run_words({"version"}).out);
  EXPECT_EQ(run_words({"--version"}).code, 0);
  EXPECT_EQ(run_words({"users", "list", "--version"}).out, run_words({"version"}).out);
  EXPECT_EQ(asked_.path, "");
}

TEST_F(CommandLineTest, TheHelpOfNothingIsAnError) {
  struct Row {
    std::vector<std::string> words;
    const char* said;
  };
  for (const Row& row :
       std::vector<Row>{{{"help", "usrs"}, "there is no command 'usrs'; did you mean users?"},
                        {{"usrs", "--help"}, "there is no command 'usrs'; did you mean users?"},
                        {{"--help", "usrs"}, "there is no command 'usrs'; did you mean users?"},
                        {{"usrs", "help"}, "there is no command 'usrs'"},
                        {{"help", "users", "crate"}, "did you mean users create?"},
                        {{"users", "crate", "--help"}, "did you mean users create?"},
                        {{"users", "crate", "-h"}, "did you mean users create?"},
                        {{"help", "mail", "deleted", "erese"}, "did you mean mail deleted erase?"},
                        {{"help", "xyzzy"}, "there is no command 'xyzzy'; there are users"},
                        {{"help", "users", "list", "more"}, "users list takes no 'more'"}}) {
    const Said said = run_words(row.words);
    EXPECT_EQ(said.code, 2) << row.said;
    EXPECT_EQ(said.out, "") << row.said;
    EXPECT_THAT(said.err, HasSubstr(row.said));
  }
  for (const std::vector<std::string>& words : std::vector<std::vector<std::string>>{
           {"--help"}, {"help"}, {"-h"}, {"users", "-h"}, {"help", "users", "create"}}) {
    EXPECT_EQ(run_words(words).code, 0);
    EXPECT_EQ(run_words(words).err, "");
  }
}

TEST_F(CommandLineTest, FieldCase17OutputThatCannotBeWrittenIsAFailure) {
  answer_.body = R"({"items":[],"next":null})";
  const std::string url = "http://127.0.0.1:" + std::to_string(server_->port());
  for (std::vector<std::string> words : std::vector<std::vector<std::string>>{
           {"users", "list"},
           {"users", "list", "--json"},
           {"users", "show", "a@b.test"},
           {"users", "update", "a@b.test", "--enable"},
           {"mail", "queue", "list"},
           {"status"},
           {"logout"},
           {"login", "--email", "a@b.test", "--password", "password123"},
           {"where"},
           {"version"},
           {"--version"},
           {"--help"},
           {"users", "--help"},
           {"settings", "doc"},
           {"completion", "bash"},
           {"completion", "fish"}}) {
    words.insert(words.end(), {"--base-url", url});
    const Said said = run_into("/dev/full", words);
    EXPECT_EQ(said.code, 1) << words.front();
    EXPECT_THAT(said.err, HasSubstr("podplay: the output could not be written")) << words.front();
  }
  EXPECT_EQ(run_into("/dev/full", {"users", "frobnicate"}).code, 2) << "what failed before stays";
}

TEST_F(CommandLineTest, AReaderThatHasSeenEnoughIsNoFailure) {
  std::signal(SIGPIPE, SIG_IGN);
  for (const auto* command : {"version", "settings"}) {
    int ends[2] = {};
    ASSERT_EQ(::pipe(ends), 0);
    ::close(ends[0]);
    std::vector<std::string> words{command};
    if (words.front() == "settings") {
      words.emplace_back("doc");
    }
    const File out(::fdopen(ends[1], "w"));
    const Said said = run_to(out.get(), words);
    EXPECT_EQ(said.code, 0) << command;
    EXPECT_EQ(said.err, "") << command;
  }
}

TEST_F(CommandLineTest, ADryRunNeverActs) {
  for (const auto* command : {"login", "logout", "wait"}) {
    const Said said = call({command, "--dry-run"});
    EXPECT_EQ(said.code, 2) << command;
    EXPECT_THAT(said.err, HasSubstr("--dry-run is not possible"));
    EXPECT_EQ(asked_.path, "") << command << ": nothing was sent";
  }
}

}  // namespace
}  // namespace podplay::cli
