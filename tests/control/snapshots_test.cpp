// Snapshots: what services' files must look like.
#include <gtest/gtest.h>

#include <algorithm>

#include "control/control_test.hpp"
#include "control/domains.hpp"
#include "control/work.hpp"

namespace podplay::control {
namespace {

class SnapshotsTest : public test::ControlTest {};

TEST_F(SnapshotsTest, ADomainBelowAnotherIsItsOwnSite) {
  ASSERT_TRUE(create_domain(context, admin, "www.example.test", true, {}));
  const auto work = ask_for_work(ServiceName::apache);
  for (const ApacheSite& site : std::get<ApacheSnapshot>(work->snapshot->body).sites) {
    EXPECT_EQ(std::ranges::find(site.aliases, "www.example.test"), site.aliases.end()) << site.name;
  }
}

}  // namespace
}  // namespace podplay::control
