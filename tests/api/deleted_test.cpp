// Deleted mail and web sites over HTTP.
#include "api/deleted.hpp"

#include <gtest/gtest.h>

#include "api/api_fixture.hpp"

namespace podplay::api {
namespace {

class DeletedTest : public test::ApiTest {};

TEST_F(DeletedTest, DeletedMailNeedsItsAgentAndARestoreItsMailbox) {
  log_in();
  EXPECT_EQ(ask("GET", "/api/mail/deleted").status, 503);
  EXPECT_EQ(ask("DELETE", "/api/sites/deleted/a.test-1").status, 503);
  const auto refused = ask("POST", "/api/mail/deleted/a@example.test-1/restore", "{}");
  EXPECT_EQ(json(refused)["errors"][0]["code"], "missing") << refused.body;
  const auto missing = ask("POST", "/api/mail/deleted/a@example.test-1/restore",
                           R"({"mailbox":"nobody@example.test"})");
  EXPECT_EQ(json(missing)["errors"][0]["code"], "mailbox_missing") << missing.body;
}

}  // namespace
}  // namespace podplay::api
