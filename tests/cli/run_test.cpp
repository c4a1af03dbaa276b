// Wrong words are explained, and nothing is sent.
#include <gmock/gmock.h>

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
