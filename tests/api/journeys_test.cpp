// The routes of the journeys: what a stranger is told, and what a person sees of the own account.
#include <gtest/gtest.h>

#include "api/api_fixture.hpp"
#include "control/journeys/links.hpp"

namespace podplay::api {
namespace {

class JourneysApiTest : public test::ApiTest {
 protected:
  void log_in_again() {
    token_ = json(ask("POST", "/api/login",
                      R"({"email":"admin@example.test","password":"password123"})"))["token"];
  }
  void open_registration() {
    log_in();
    const auto set = ask("PUT", "/api/domains/example.test/registration",
                         R"({"mode":"open","allowed_domains":[]})");
    ASSERT_EQ(set.status, 200) << set.body;
    token_.clear();
  }
  net::HttpResponse register_as(const std::string& email) {
    return ask("POST", "/api/register",
               Json{{"email", email},
                    {"password", "a password of my own"},
                    {"recovery_address", "someone@outside.test"}}
                   .dump());
  }
};

TEST_F(JourneysApiTest, AStrangerSeesWhereToRegister) {
  EXPECT_TRUE(json(ask("GET", "/api/registration"))["domains"].empty());
  open_registration();
  const Json doors = json(ask("GET", "/api/registration"));
  EXPECT_EQ(doors["domains"][0]["domain"], "example.test");
  EXPECT_EQ(doors["domains"][0]["approval"], false);
  EXPECT_EQ(doors["shortest_password"], 8);
}

TEST_F(JourneysApiTest, ATakenAddressIsAnsweredLikeAFreeOne) {
  open_registration();
  const auto free = register_as("alice@example.test");
  const auto taken = register_as("admin@example.test");
  EXPECT_EQ(free.status, 202);
  EXPECT_EQ(taken.status, 202);
  Json of_free = json(free);
  of_free["email"] = "admin@example.test";
  EXPECT_EQ(of_free, json(taken));
}

TEST_F(JourneysApiTest, AResetIsAnsweredTheSameForEveryAddressAndLimited) {
  log_in();
  token_.clear();
  const auto known = ask("POST", "/api/password-reset", R"({"email":"admin@example.test"})");
  EXPECT_EQ(known.status, 202);
  net::HttpResponse unknown;
  for (int i = 0; i < 3; ++i) {
    unknown = ask("POST", "/api/password-reset", R"({"email":"nobody@example.test"})");
    EXPECT_EQ(unknown.status, 202);
  }
  Json of_known = json(known);
  of_known["email"] = "nobody@example.test";
  EXPECT_EQ(of_known, json(unknown));
  const auto refused = ask("POST", "/api/password-reset", R"({"email":"nobody@example.test"})");
  EXPECT_EQ(refused.status, 429);
  EXPECT_EQ(json(refused)["code"], "too_many_requests");
  EXPECT_FALSE(refused.header("Retry-After").empty());
}

TEST_F(JourneysApiTest, ALinkIsLookedAtAndUsed) {
  open_registration();
  ASSERT_EQ(register_as("alice@example.test").status, 202);
  log_in_again();
  const auto shown = ask("POST", "/api/registrations/alice@example.test/link");
  ASSERT_EQ(shown.status, 200) << shown.body;
  token_.clear();
  // The whole link is as good as its token.
  const std::string body = Json{{"token", json(shown)["url"]}}.dump();
  const auto looked = ask("POST", "/api/links/look", body);
  EXPECT_EQ(json(looked)["purpose"], "registration");
  EXPECT_EQ(json(looked)["email"], "alice@example.test");
  const auto confirmed = ask("POST", "/api/confirm", body);
  EXPECT_EQ(confirmed.status, 200) << confirmed.body;
  EXPECT_EQ(json(confirmed)["state"], "active");
  EXPECT_EQ(ask("POST", "/api/links/look", body).status, 404);
  EXPECT_EQ(ask("POST", "/api/confirm", body).status, 404);
  EXPECT_EQ(ask("POST", "/api/password-reset/confirm",
                R"({"token":"none","password":"a password of my own"})")
                .status,
            404);
}

TEST_F(JourneysApiTest, RegistrationsAreListedApprovedAndRefused) {
  open_registration();
  ASSERT_EQ(register_as("alice@example.test").status, 202);
  ASSERT_EQ(register_as("bob@example.test").status, 202);
  log_in_again();
  const Json list = json(ask("GET", "/api/registrations"));
  ASSERT_EQ(list["items"].size(), 2U);
  EXPECT_EQ(list["items"][0]["state"], "unconfirmed");
  EXPECT_FALSE(list["items"][0].contains("password_hash"));
  EXPECT_EQ(ask("GET", "/api/registrations/bob@example.test").status, 200);
  EXPECT_EQ(ask("POST", "/api/registrations/alice@example.test/approve").status, 200);
  EXPECT_EQ(ask("POST", "/api/registrations/bob@example.test/refuse").status, 200);
  EXPECT_EQ(ask("GET", "/api/registrations/bob@example.test").status, 404);
  EXPECT_EQ(ask("GET", "/api/users/alice@example.test").status, 200);
}

TEST_F(JourneysApiTest, ThePersonSeesTheOwnAccount) {
  log_in();
  const Json account = json(ask("GET", "/api/account"));
  EXPECT_EQ(account["email"], "admin@example.test");
  EXPECT_EQ(account["recovery_address"], "");
  EXPECT_TRUE(account["recovery_change"].is_null());
  EXPECT_EQ(json(ask("PUT", "/api/account", R"({"language":"de"})"))["language"], "de");
  const auto asked = ask("PUT", "/api/account/recovery-address",
                         R"({"address":"me@outside.test","current_password":"password123"})");
  EXPECT_EQ(asked.status, 202) << asked.body;
  const Json change = json(ask("GET", "/api/account"))["recovery_change"];
  EXPECT_EQ(change["address"], "me@outside.test");
  EXPECT_EQ(change["old_confirmed"], true);
}

TEST_F(JourneysApiTest, ACopyIsAskedForAndNotReadyAtOnce) {
  log_in();
  EXPECT_EQ(json(ask("GET", "/api/account/export"))["state"], "none");
  EXPECT_EQ(ask("GET", "/api/account/export/file").status, 404);
  const auto begun = ask("POST", "/api/account/export", R"({"current_password":"password123"})");
  EXPECT_EQ(begun.status, 202) << begun.body;
  EXPECT_EQ(json(begun)["state"], "waiting");
}

TEST_F(JourneysApiTest, ADeletedAccountIsRestored) {
  log_in();
  EXPECT_EQ(ask("POST", "/api/account/deletion", R"({"current_password":"password123"})").status,
            409);
  ask("POST", "/api/users", R"({"email":"bob@example.test","password":"a password of my own"})");
  token_ = json(ask("POST", "/api/login",
                    R"({"email":"bob@example.test","password":"a password of my own"})"))["token"];
  const auto deleted =
      ask("POST", "/api/account/deletion", R"({"current_password":"a password of my own"})");
  EXPECT_EQ(deleted.status, 202) << deleted.body;
  log_in_again();
  EXPECT_EQ(json(ask("GET", "/api/deletions"))["items"][0]["email"], "bob@example.test");
  EXPECT_EQ(json(ask("DELETE", "/api/users/bob@example.test/deletion"))["enabled"], true);
  EXPECT_EQ(ask("DELETE", "/api/users/bob@example.test/deletion").status, 404);
}

TEST_F(JourneysApiTest, AnAdministratorInvitesMailsAndCleansUp) {
  log_in();
  ask("POST", "/api/users", R"({"email":"bob@example.test","password":"a password of my own"})");
  const auto invited =
      ask("POST", "/api/users/bob@example.test/invite", R"({"address":"bob@outside.test"})");
  EXPECT_EQ(invited.status, 202) << invited.body;
  EXPECT_EQ(json(invited)["sent_to"], "bob@outside.test");
  const auto mailed = ask("POST", "/api/users/bob@example.test/email",
                          R"({"subject":"Hello","text":"How are you?"})");
  EXPECT_EQ(mailed.status, 202) << mailed.body;
  EXPECT_EQ(ask("POST", "/api/users/bob@example.test/email",
                R"({"subject":"a\r\nBcc: x@y.test","text":"x"})")
                .status,
            400);
  EXPECT_EQ(json(ask("POST", "/api/users/cleanup?dry_run=1"))["dry_run"], true);
  EXPECT_EQ(json(ask("POST", "/api/users/cleanup"))["links"], 0);
}

}  // namespace
}  // namespace podplay::api
