// Every cause that a diagnosis can name, of the control plane and of the host: its id is unique,
// its runbook exists, and the commands that its remedy and the runbooks name exist.
#include <gtest/gtest.h>

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <regex>
#include <set>
#include <sstream>

#include "cli/commands.hpp"
#include "control/watch/diagnosis/cause.hpp"
#include "pod/host_causes.hpp"

namespace podplay::api {
namespace {

namespace fs = std::filesystem;

std::string content(const fs::path& path) {
  std::ostringstream text;
  text << std::ifstream(path).rdbuf();
  return text.str();
}

// The anchor that a heading of Markdown gets: lower case, blanks become dashes.
bool has_anchor(const std::string& page, const std::string& anchor) {
  std::istringstream lines(page);
  for (std::string line; std::getline(lines, line);) {
    if (line.find("id=\"" + anchor + "\"") != line.npos) {
      return true;
    }
    if (!line.starts_with('#')) {
      continue;
    }
    std::string made;
    for (const char c : line.substr(std::min(line.find_first_not_of("# "), line.size()))) {
      if (std::isalnum(static_cast<unsigned char>(c)) != 0 || c == '-' || c == '_') {
        made += static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
      } else if (c == ' ') {
        made += '-';
      }
    }
    if (made == anchor) {
      return true;
    }
  }
  return false;
}

void expect_runbook(std::string_view id, std::string_view runbook) {
  const std::string path(runbook.substr(0, runbook.find('#')));
  ASSERT_TRUE(fs::exists(path)) << id << ": there is no " << path;
  if (const std::size_t at = runbook.find('#'); at != runbook.npos) {
    const std::string anchor(runbook.substr(at + 1));
    EXPECT_TRUE(has_anchor(content(path), anchor)) << id << ": " << path << " lacks #" << anchor;
  }
}

// "podplay mail queue list" in backticks or in a block of code, also bin/podplay.
void expect_commands(std::string_view where, const std::string& text) {
  static const std::regex kCommand("(?:`|\n    )(?:sudo )?(?:bin/)?podplay ([a-z][a-z0-9 -]*)");
  for (std::sregex_iterator at(text.begin(), text.end(), kCommand), end; at != end; ++at) {
    const std::string words = (*at)[1];
    const bool known = std::ranges::any_of(cli::commands(), [&](const cli::CommandRow& row) {
      const std::string command = cli::command_words(row);
      return words == command || words.starts_with(command + " ");
    });
    EXPECT_TRUE(known) << where << " names `podplay " << words << "`, which does not exist";
  }
}

std::string with_service(std::string_view remedy) {
  std::string text(remedy);
  for (std::size_t at = 0; (at = text.find("{service}")) != text.npos;) {
    text.replace(at, 9, "mail");
  }
  return text;
}

TEST(Causes, EachHasItsOwnIdRankRuleAndWords) {
  std::set<std::string_view> ids;
  for (const auto& table : control::all_causes()) {
    for (const control::Cause& cause : table) {
      EXPECT_TRUE(ids.insert(cause.id).second) << cause.id << " stands twice";
      EXPECT_EQ(cause.id.find_first_not_of("abcdefghijklmnopqrstuvwxyz0123456789-"), cause.id.npos)
          << cause.id;
      EXPECT_NE(cause.agent == nullptr, cause.pod == nullptr) << cause.id;
      EXPECT_FALSE(cause.title.empty()) << cause.id;
      EXPECT_FALSE(cause.remedy.empty()) << cause.id;
      EXPECT_GT(cause.rank, 0) << cause.id;
    }
  }
  for (const pod::HostCause& cause : pod::host_causes()) {
    EXPECT_TRUE(ids.insert(cause.id).second) << cause.id << " stands twice";
  }
}

// The tests that cause faults in a real pod name each cause that they expect.
TEST(Causes, EachIsCausedInARealPod) {
  std::string tests;
  for (const auto& file : fs::directory_iterator("tests/pod")) {
    tests += file.path().extension() == ".py" ? content(file.path()) : std::string();
  }
  const auto expect_test = [&tests](std::string_view id) {
    EXPECT_NE(tests.find('"' + std::string(id) + '"'), tests.npos) << "no test causes " << id;
  };
  for (const auto& table : control::all_causes()) {
    for (const control::Cause& cause : table) {
      expect_test(cause.id);
    }
  }
  for (const pod::HostCause& cause : pod::host_causes()) {
    expect_test(cause.id);
  }
}

TEST(Causes, WhatOneExplainsExistsAndComesAfterIt) {
  for (const auto& table : control::all_causes()) {
    for (const control::Cause& cause : table) {
      for (const std::string_view id : cause.explains) {
        if (id == "*") {
          continue;
        }
        const control::Cause* other = control::find_cause(id);
        ASSERT_NE(other, nullptr) << cause.id << " explains " << id << ", which does not exist";
        EXPECT_GE(other->rank, cause.rank) << cause.id << " explains " << id;
      }
    }
  }
}

TEST(Causes, EachHasARunbook) {
  for (const auto& table : control::all_causes()) {
    for (const control::Cause& cause : table) {
      expect_runbook(cause.id, cause.runbook);
    }
  }
  for (const pod::HostCause& cause : pod::host_causes()) {
    expect_runbook(cause.id, cause.runbook);
  }
  for (const char* id : {"store-damaged", "store-volume-full", "store-unreachable"}) {
    EXPECT_NE(control::find_cause(id), nullptr) << "pod/doctor names it by a problem's code";
  }
}

TEST(Causes, EveryCommandThatARemedyNamesExists) {
  for (const auto& table : control::all_causes()) {
    for (const control::Cause& cause : table) {
      expect_commands(cause.id, with_service(cause.remedy));
    }
  }
  for (const pod::HostCause& cause : pod::host_causes()) {
    expect_commands(cause.id, with_service(cause.remedy));
  }
}

TEST(Causes, EveryCommandThatADocumentNamesExists) {
  for (const char* page : {"README.md", "QUICKSTART.md", "DEVELOPING.md"}) {
    expect_commands(page, content(page));
  }
  for (const auto& entry : fs::recursive_directory_iterator("docs")) {
    if (entry.path().extension() == ".md") {
      expect_commands(entry.path().string(), content(entry.path()));
    }
  }
}

}  // namespace
}  // namespace podplay::api
