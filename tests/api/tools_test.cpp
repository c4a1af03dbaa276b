// Looks and support bundles over HTTP.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "api/api_fixture.hpp"
#include "control/jobs/kinds.hpp"
#include "control/jobs/runner.hpp"

namespace podplay::api {
namespace {

class ToolsTest : public test::ApiTest {};

TEST_F(ToolsTest, AServiceIsSeenFromTheInside) {
  EXPECT_EQ(ask("GET", "/api/system/diag/api").status, 401);
  log_in();
  const auto seen = ask("GET", "/api/system/diag/api");
  ASSERT_EQ(seen.status, 200) << seen.body;
  EXPECT_EQ(json(seen)["service"], "api");
  for (const char* look : {"processes", "sockets", "files", "limits", "mounts"}) {
    EXPECT_TRUE(json(seen).contains(look)) << look;
  }
  const auto two = ask("GET", "/api/system/diag/api?what=limits,mounts");
  EXPECT_EQ(json(two).size(), 6U) << two.body;
  EXPECT_EQ(json(ask("GET", "/api/system/diag/api?what=x"))["errors"][0]["field"], "what");
  EXPECT_EQ(ask("GET", "/api/system/diag/kitchen").status, 404);
  EXPECT_EQ(json(ask("GET", "/api/system/diag/mail"))["code"], "agent_away");
}

TEST_F(ToolsTest, ASupportBundleIsMadeAndDownloaded) {
  log_in();
  EXPECT_EQ(json(ask("GET", "/api/system/support-bundle"))["state"], "none");
  EXPECT_EQ(json(ask("GET", "/api/system/support-bundle/file"))["code"], "bundle_missing");
  const auto begun = ask("POST", "/api/system/support-bundle",
                         R"({"host": [{"name": "podman-info.txt", "text": "host\n"}]})");
  ASSERT_EQ(begun.status, 202) << begun.body;
  EXPECT_EQ(json(begun)["state"], "waiting");
  EXPECT_EQ(json(ask("GET", "/api/audit?limit=1"))["items"][0]["event"], "SUPPORT_BUNDLE_MADE");
  control::JobRunner runner(plane_.context(), control::job_kinds());
  ASSERT_TRUE(runner.start());
  Json bundle = Json::object();
  for (int i = 0; i < 300 && bundle.value("state", "") != "ready"; ++i) {
    bundle = json(ask("GET", "/api/system/support-bundle"));
    ASSERT_NE(bundle["state"], "failed") << bundle;
    plane_.clock.sleep(std::chrono::milliseconds(50));
  }
  runner.stop();
  ASSERT_EQ(bundle["state"], "ready") << bundle;
  const auto file = ask("GET", "/api/system/support-bundle/file");
  EXPECT_EQ(file.status, 200);
  EXPECT_EQ(file.header("Content-Type"), "application/gzip");
  EXPECT_TRUE(file.body.starts_with("\x1f\x8b")) << "it is gzip";
}

}  // namespace
}  // namespace podplay::api
