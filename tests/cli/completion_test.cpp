// Completion knows every command, and bash runs it.
#include <gmock/gmock.h>

#include "cli/command_line.hpp"
#include "cli/commands.hpp"

namespace podplay::cli {
namespace {

using testing::HasSubstr;

TEST_F(CommandLineTest, CompletionKnowsEveryCommandAndIsValidBash) {
  const std::string script = run_words({"completion", "bash"}).out;
  for (const CommandRow& row : commands()) {
    EXPECT_THAT(script, HasSubstr(std::string(row.verb)));
  }
  const auto checked = runner_.run({{"/bin/bash", "-n"}, script});
  ASSERT_TRUE(checked.has_value());
  EXPECT_EQ(checked->exit_code, 0) << checked->words();
  const auto asked = runner_.run(
      {{"/bin/bash"},
       script +
           "\nCOMP_WORDS=(podplay users cr); COMP_CWORD=2; _podplay; echo \"${COMPREPLY[@]}\"\n"});
  ASSERT_TRUE(asked.has_value());
  EXPECT_EQ(asked->out, "create\n");
  const auto third = runner_.run({{"/bin/bash"},
                                  script + "\nCOMP_WORDS=(podplay mail deleted re); COMP_CWORD=3; "
                                           "_podplay; echo \"${COMPREPLY[@]}\"\n"});
  ASSERT_TRUE(third.has_value());
  EXPECT_EQ(third->out, "restore\n");
  const auto its_options =
      runner_.run({{"/bin/bash"},
                   script + "\nCOMP_WORDS=(podplay mail deleted restore x-42 --m); COMP_CWORD=5; "
                            "_podplay; echo \"${COMPREPLY[@]}\"\n"});
  ASSERT_TRUE(its_options.has_value());
  EXPECT_EQ(its_options->out, "--mailbox\n");
  const auto options = runner_.run({{"/bin/bash"},
                                    script + "\nCOMP_WORDS=(podplay login --pass); COMP_CWORD=2; "
                                             "_podplay; echo \"${COMPREPLY[@]}\"\n"});
  ASSERT_TRUE(options.has_value());
  EXPECT_EQ(options->out, "--password --password-stdin\n");
  EXPECT_EQ(run_words({"completion", "csh"}).code, 3);
}

TEST_F(CommandLineTest, CompletionAsksTheServerForNames) {
  const std::string script = run_words({"completion", "bash"}).out +
                             "\npodplay() { echo \"asked-$2-$3\"; echo alice@example.test; }\n";
  const auto complete = [&](const std::string& words, int at) {
    const auto done = runner_.run({{"/bin/bash"},
                                   script + "COMP_WORDS=(podplay " + words +
                                       "); COMP_CWORD=" + std::to_string(at) +
                                       "; _podplay; echo \"${COMPREPLY[@]}\"\n"});
    return done ? done->out : describe(done.error());
  };
  EXPECT_EQ(complete("users show al", 3), "alice@example.test\n");
  EXPECT_EQ(complete("users show ask", 3), "asked-users-ask\n");
  EXPECT_EQ(complete("users list --domain ask", 4), "asked-domains-ask\n");
  EXPECT_EQ(complete("users show --j", 3), "--json\n");
}

TEST_F(CommandLineTest, NamesAreThoseThatBeginSo) {
  answer_.body = R"({"items":[{"email":"alice@a.test"},{"email":"malice@a.test"}],"next":null})";
  const Said said = call({"names", "users", "al"});
  EXPECT_EQ(said.out, "alice@a.test\n");
  EXPECT_EQ(asked_.path, "/api/users");
  EXPECT_EQ(asked_.query["search"], "al");
  answer_.status = 401;
  answer_.body = "{}";
  const Said refused = call({"names", "users", "al"});
  EXPECT_EQ(refused.out + refused.err, "") << "nobody reads a complaint in the middle of a word";
  EXPECT_EQ(call({"names", "nothing"}).code, 0);
}

}  // namespace
}  // namespace podplay::cli
