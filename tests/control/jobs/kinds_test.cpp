// docs/jobs.md has one row for each kind of job, and says when it runs.
#include "control/jobs/kinds.hpp"

#include <fmt/format.h>
#include <gtest/gtest.h>

#include <fstream>
#include <map>
#include <regex>
#include <string>

namespace podplay::control {
namespace {

// "hourly", "daily", "every 6 h"; empty for a kind that use-cases add.
std::string words_of(std::chrono::seconds interval) {
  if (interval == std::chrono::seconds{0}) {
    return "";
  }
  if (interval == std::chrono::days{1}) {
    return "daily";
  }
  const auto hours = std::chrono::duration_cast<std::chrono::hours>(interval).count();
  return hours == 1 ? "hourly" : fmt::format("every {} h", hours);
}

// What the table says of each kind in its column "when".
std::map<std::string, std::string> documented_kinds() {
  std::map<std::string, std::string> found;
  std::ifstream document("docs/jobs.md");
  const std::regex row(R"(\| ([a-z_]+) \| (.+) \| .+ \|)");
  std::smatch parts;
  for (std::string line; std::getline(document, line);) {
    if (std::regex_match(line, parts, row) && parts[1] != "kind") {
      EXPECT_TRUE(found.emplace(parts[1].str(), parts[2].str()).second)
          << parts[1].str() << " is there twice";
    }
  }
  return found;
}

TEST(JobKinds, TheDocumentHasEachAndNoOther) {
  auto documented = documented_kinds();
  for (const JobKind& kind : job_kinds()) {
    const auto found = documented.find(std::string(kind.name));
    if (found == documented.end()) {
      ADD_FAILURE() << "docs/jobs.md lacks " << kind.name;
      continue;
    }
    if (const std::string words = words_of(kind.interval); !words.empty()) {
      EXPECT_EQ(found->second, words) << kind.name;
    }
    documented.erase(found);
  }
  for (const auto& [name, when] : documented) {
    ADD_FAILURE() << "docs/jobs.md has " << name << ", which is no kind";
  }
}

}  // namespace
}  // namespace podplay::control
