// Jobs over HTTP.
#include "api/jobs.hpp"

#include <gtest/gtest.h>

#include "api/api_fixture.hpp"
#include "control/jobs/jobs.hpp"

namespace podplay::api {
namespace {

using namespace std::chrono_literals;

class JobsTest : public test::ApiTest {};

TEST_F(JobsTest, JobsAreListedShownAndRun) {
  log_in();
  const auto job = control::start_job(plane_.context(),
                                      {.kind = "audit_retention", .due = plane_.clock.now() + 1h});
  ASSERT_TRUE(job);
  const std::string path = "/api/jobs/" + std::to_string(job->id);
  const Json page = json(ask("GET", "/api/jobs?state=waiting"));
  EXPECT_EQ(page["items"].size(), 1U);
  EXPECT_EQ(page["items"][0]["kind"], "audit_retention");
  EXPECT_EQ(json(ask("GET", "/api/jobs?state=done"))["items"].size(), 0U);
  EXPECT_EQ(json(ask("GET", "/api/jobs?kind=none"))["errors"][0]["code"], "unknown_kind");
  EXPECT_EQ(json(ask("GET", "/api/jobs?state=no"))["errors"][0]["code"], "unknown_state");
  EXPECT_EQ(json(ask("GET", path))["steps"], Json::array());
  EXPECT_EQ(json(ask("GET", path))["finished"], Json(nullptr));
  EXPECT_EQ(ask("GET", "/api/jobs/77777").status, 404);
  EXPECT_EQ(ask("GET", path + "/run").status, 405);
  EXPECT_EQ(ask("POST", "/api/jobs//run").status, 404);
  const auto run = ask("POST", "/api/jobs/audit_retention/run");
  EXPECT_EQ(run.status, 202) << run.body;
  EXPECT_EQ(json(run)["id"], job->id);
  EXPECT_EQ(json(ask("GET", "/api/audit?limit=1"))["items"][0]["event"], "JOB_RUN");
}

}  // namespace
}  // namespace podplay::api
