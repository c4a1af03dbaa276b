// The pod as a whole, over HTTP.
#include "api/system.hpp"

#include <gtest/gtest.h>

#include "api/api_fixture.hpp"

namespace podplay::api {
namespace {

class SystemTest : public test::ApiTest {};

TEST_F(SystemTest, ReadinessSaysWhoIsMissing) {
  const auto ready = ask("GET", "/readyz");
  EXPECT_EQ(ready.status, 503);
  EXPECT_EQ(json(ready)["services"][2]["state"], "starting");
}

}  // namespace
}  // namespace podplay::api
