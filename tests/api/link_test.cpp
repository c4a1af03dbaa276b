// The link knows agents by their certificates.
#include "api/link.hpp"

#include <gtest/gtest.h>

#include "api/api_fixture.hpp"
#include "wire/link.hpp"

namespace podplay::api {
namespace {

class LinkTest : public test::ApiTest {};

TEST_F(LinkTest, TheLinkKnowsAgentsByTheirCertificateOnly) {
  plane_.make_admin();
  const wire::WorkQuestion question{.status = {.agent = {ServiceName::mail}, .state = "starting"},
                                    .wait = 0};
  net::HttpRequest work{.method = "POST", .path = "/link/work"};
  work.body = wire::to_json(question).dump();
  EXPECT_EQ(handle_link(plane_.context(), work).status, 401);
  work.peer_name = "apache@main";
  const Json answer = Json::parse(handle_link(plane_.context(), work).body);
  EXPECT_EQ(answer["snapshot"]["service"], "apache") << "whatever the question says";
  ASSERT_FALSE(answer["feed"]["rows"].empty());
  for (const Json& row : answer["feed"]["rows"]) {
    EXPECT_NE(row["kind"], "mailbox") << "accounts are for the mail service alone";
  }
  EXPECT_EQ(answer.dump().find("argon2"), std::string::npos) << "no other service's rows";
}

TEST_F(LinkTest, WorkIsAskedForInThisForm) {
  net::HttpRequest work{.method = "POST", .path = "/link/work"};
  work.body =
      R"({"status":{"service":"mail","host":"main","state":"starting","revision":0,"feed_seq":0,)"
      R"("set_aside_count":0,"set_aside":[],"daemons":[],"probes":[],"stage":"","message":"",)"
      R"("seen":0},"snapshot_hash":"","position":{"generation":"","epoch":"","seq":0,)"
      R"("marks":{"revision":0,"id":0}},"wait":0})";
  work.peer_name = "apache@main";
  const Json answer = Json::parse(handle_link(plane_.context(), work).body);
  EXPECT_EQ(answer["snapshot"]["service"], "apache") << "whatever the question says";
}

TEST_F(LinkTest, CommandsAreForAgentsOnly) {
  net::HttpRequest commands{.method = "POST", .path = "/link/commands"};
  commands.body = R"({"instance":"i","wait":0})";
  EXPECT_EQ(handle_link(plane_.context(), commands).status, 401);
  commands.peer_name = "apache@main";
  EXPECT_EQ(handle_link(plane_.context(), commands).body, R"({"commands":[]})");
}

}  // namespace
}  // namespace podplay::api
