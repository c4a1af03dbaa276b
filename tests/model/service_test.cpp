// The words for services, stages and outcomes, and the names of agents.
#include "model/service.hpp"

#include <gtest/gtest.h>

namespace podplay {
namespace {

TEST(Service, EveryValueHasItsWord) {
  for (const ServiceName service : kServices) {
    EXPECT_EQ(parse_service(to_text(service)).value(), service);
  }
  using enum Stage;
  for (const Stage stage : {fetch, render, check, install, reload, probe, report}) {
    EXPECT_EQ(parse_stage(to_text(stage)).value(), stage);
  }
}

TEST(Service, AnUnknownWordNamesTheKnownOnes) {
  const auto bad = parse_service("web");
  ASSERT_FALSE(bad);
  EXPECT_EQ(bad.error().remedy, "use one of: apache, bind, mail");
}

TEST(AgentName, IsServiceAndHost) {
  const auto agent = parse_agent_name("mail@two");
  ASSERT_TRUE(agent) << describe(agent.error());
  EXPECT_EQ(agent->service, ServiceName::mail);
  EXPECT_EQ(agent->host, "two");
  EXPECT_EQ(to_text(*agent), "mail@two");
  for (const std::string_view bad : {"mail", "mail@", "web@two", "mail@../two", "mail@a b", ""}) {
    EXPECT_FALSE(parse_agent_name(bad)) << bad;
  }
}

}  // namespace
}  // namespace podplay
