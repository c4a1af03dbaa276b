// Every row of the table of routes is complete and has a command.
#include "api/routes.hpp"

#include <gtest/gtest.h>

#include <algorithm>

#include "cli/commands.hpp"

namespace podplay::api {
namespace {

TEST(Routes, EveryOneHasWhatItMust) {
  for (const Route& route : routes()) {
    const std::string name = std::string(route.method) + " " + std::string(route.path);
    EXPECT_FALSE(route.help.empty()) << name;
    EXPECT_EQ(route.audit_event.empty(), route.effect == Effect::reads)
        << name << ": writes have an audit event, reads have none";
    // Outlook asks with a body, a token stands in no URL, and what is of no use to other sites
    // needs a CSRF token.
    const bool asks = route.method == "GET" || route.path == "/mail-setup/outlook" ||
                      route.path == "/api/links/look" || route.path == "/api/login/outside/begin";
    EXPECT_EQ(route.effect == Effect::reads, asks) << name;
    EXPECT_TRUE(route.method != "PUT" || route.body != nullptr) << name;
  }
}

TEST(Routes, EveryCommandExistsOnBothSides) {
  const auto has_command = [](std::string_view words) {
    return std::ranges::any_of(cli::commands(),
                               [&](const auto& row) { return words == cli::command_words(row); });
  };
  for (const Route& route : routes()) {
    EXPECT_TRUE(route.command.empty() || has_command(route.command)) << route.command;
  }
  for (const cli::CommandRow& row : cli::commands()) {
    if (row.run != nullptr) {
      continue;
    }
    const auto route = std::ranges::find_if(routes(), [&](const Route& one) {
      return one.method == row.method && one.path == row.path;
    });
    ASSERT_NE(route, routes().end()) << row.path;
    // A reading route may wait for a revision. A route that acts at once has none.
    if (route->effect != Effect::reads) {
      EXPECT_EQ(row.wait == cli::Wait::no, route->effect == Effect::acts) << row.path;
      EXPECT_TRUE(row.dry_run) << row.path << ": every write accepts --dry-run";
    }
  }
}

}  // namespace
}  // namespace podplay::api
