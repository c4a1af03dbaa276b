// Each row of the table of commands is complete, and its help shows all of its options.
#include "cli/commands.hpp"

#include <gmock/gmock.h>

#include <algorithm>
#include <iterator>
#include <set>
#include <sstream>
#include <string>

#include "cli/command_line.hpp"

namespace podplay::cli {
namespace {

using testing::HasSubstr;

TEST_F(CommandLineTest, EveryCommandExplainsItsOptions) {
  for (const CommandRow& row : commands()) {
    // "mail deleted" is two words.
    std::istringstream noun{std::string(row.noun)};
    std::vector<std::string> words{std::istream_iterator<std::string>(noun),
                                   std::istream_iterator<std::string>()};
    words.emplace_back(row.verb);
    // podman has a --help of its own.
    if (row.passes_words_on) {
      words.insert(words.begin(), "help");
    } else {
      words.emplace_back("--help");
    }
    const Said said = run_words(words);
    EXPECT_EQ(said.code, 0) << row.noun << " " << row.verb;
    EXPECT_THAT(said.out, HasSubstr(std::string(row.help)));
    for (const OptionRow& option : row.options) {
      EXPECT_THAT(said.out, HasSubstr(std::string(option.flag))) << row.noun << " " << row.verb;
    }
  }
}

// CLI11 of Debian 13 refuses to start with two such options; that of Debian 12 takes both.
TEST(Commands, AnArgumentIsNotNamedLikeAnOption) {
  for (const CommandRow& row : commands()) {
    std::set<std::string> names;
    for (const OptionRow& option : row.options) {
      const std::size_t dashes = option.flag.find_first_not_of('-');
      EXPECT_TRUE(names.emplace(option.flag.substr(dashes)).second)
          << command_words(row) << ": " << option.flag;
    }
  }
}

TEST(Commands, ARowIsOneCallOrOneFunction) {
  for (const CommandRow& row : commands()) {
    const std::string words = command_words(row);
    EXPECT_FALSE(row.help.empty()) << words;
    EXPECT_EQ(row.path.empty(), row.method.empty()) << words;
    EXPECT_NE(row.path.empty(), row.run == nullptr) << words;
    EXPECT_EQ(row.output == Output::own, row.run != nullptr) << words;
    EXPECT_EQ(row.output == Output::table, !row.columns.empty()) << words;
    const bool says_done = row.output == Output::sentence || row.output == Output::job ||
                           row.output == Output::queue_done;
    EXPECT_EQ(says_done, !row.done.empty()) << words;
    EXPECT_TRUE(!row.only_tries || row.dry_run) << words;
  }
}

TEST(Commands, EveryNounIsDescribed) {
  const auto has_row = [](std::string_view noun) {
    return std::ranges::any_of(nouns(), [&](const NounRow& row) { return row.noun == noun; });
  };
  for (const CommandRow& row : commands()) {
    std::string_view noun = row.noun;
    EXPECT_TRUE(noun.empty() || has_row(noun)) << noun;
    noun = noun.substr(0, noun.find(' '));
    EXPECT_TRUE(noun.empty() || has_row(noun)) << noun;
  }
  for (const NounRow& row : nouns()) {
    EXPECT_FALSE(row.help.empty()) << row.noun;
  }
}

TEST(Commands, OnlyAFunctionReadsWhatIsNotSent) {
  for (const CommandRow& row : commands()) {
    for (const OptionRow& option : row.options) {
      EXPECT_EQ(option.place == Place::local, row.run != nullptr)
          << command_words(row) << " " << option.flag;
      EXPECT_FALSE(option.help.empty()) << command_words(row) << " " << option.flag;
    }
  }
}

}  // namespace
}  // namespace podplay::cli
