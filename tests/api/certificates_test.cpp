// Certificates and accounts over HTTP. What an authority answers is tested in tests/pod.
#include "api/certificates.hpp"

#include <gtest/gtest.h>

#include <algorithm>

#include "api/api_fixture.hpp"
#include "store/certificates.hpp"

namespace podplay::api {
namespace {

using namespace std::chrono_literals;

class CertificatesTest : public test::ApiTest {
 protected:
  // Changes a row as an order would.
  void change_row(const std::string& name, auto change) {
    const auto done =
        plane_.context().store.write<bool>([&](store::Transaction& transaction) -> Result<bool> {
          auto row = store::find_certificate(transaction, name).value();
          change(row);
          store::put_certificate(transaction, row);
          return true;
        });
    ASSERT_TRUE(done) << describe(done.error());
  }
  void let_expire_tomorrow(const std::string& name) {
    const WallTime now = plane_.clock.now();
    change_row(name, [&](Certificate& row) {
      row.not_before = now - std::chrono::days(89);
      row.not_after = now + 24h;
    });
  }
  void log_in_as(const std::string& email) {
    token_.clear();
    token_ = json(ask("POST", "/api/login",
                      Json{{"email", email}, {"password", "password123"}}.dump()))["token"];
  }
  std::vector<std::string> names_of(const std::string& path) {
    std::vector<std::string> names;
    for (const Json& item : json(ask("GET", path)).at("items")) {
      names.push_back(item.at("name"));
    }
    return names;
  }
};

TEST_F(CertificatesTest, AreListedInPagesInOrderOfName) {
  log_in();
  ask("POST", "/api/domains/import", R"({"names":["a.test","b.test","z.test"]})");
  const auto all = names_of("/api/certificates");
  ASSERT_GE(all.size(), 4U);
  EXPECT_TRUE(std::ranges::is_sorted(all));
  std::vector<std::string> paged;
  std::string cursor;
  for (std::size_t i = 0; i <= all.size(); ++i) {
    const Json page = json(ask("GET", "/api/certificates?cursor=" + cursor));
    EXPECT_EQ(page["items"].size(), all.size() - i) << "those after " << cursor;
    if (page["items"].empty()) {
      break;
    }
    cursor = page["items"][0]["name"];
    paged.push_back(cursor);
  }
  EXPECT_EQ(paged, all);
  const Json first = json(ask("GET", "/api/certificates?limit=1"));
  EXPECT_EQ(first["items"].size(), 1U);
  EXPECT_EQ(first["next"], all.front());
}

TEST_F(CertificatesTest, AnItemSaysWhatIsInUse) {
  log_in();
  const auto response = ask("GET", "/api/certificates/example.test");
  ASSERT_EQ(response.status, 200) << response.body;
  const Json shown = json(response);
  EXPECT_EQ(shown["issuer"], "internal");
  EXPECT_EQ(shown["version_issuer"], "internal");
  EXPECT_EQ(shown["state"], "valid");
  EXPECT_EQ(shown["alert"], "none");
  EXPECT_EQ(shown["fingerprint"].get<std::string>().size(), 64U);
  EXPECT_EQ(shown["versions"], Json::array({shown["fingerprint"]}));
  EXPECT_EQ(shown["orders"], Json::array());
  EXPECT_FALSE(shown.contains("job"));
  EXPECT_GT(shown["days_left"].get<int>(), 80);
  EXPECT_FALSE(shown["next_step"].get<std::string>().empty());
  EXPECT_EQ(shown["key_type"], "ecdsa");
  EXPECT_EQ(response.body.find("PRIVATE"), std::string::npos);
  EXPECT_EQ(ask("GET", "/api/certificates/nothing.test").status, 404);
}

TEST_F(CertificatesTest, DaysAreRoundedDownAndNullWithoutAVersion) {
  log_in();
  const WallTime now = plane_.clock.now();
  const auto days = [&] { return json(ask("GET", "/api/certificates/example.test"))["days_left"]; };
  change_row("example.test", [&](Certificate& row) { row.not_after = now + 47h; });
  EXPECT_EQ(days(), 1);
  change_row("example.test", [&](Certificate& row) { row.not_after = now - 1h; });
  EXPECT_EQ(days(), -1);
  change_row("example.test", [&](Certificate& row) {
    row.version.clear();
    row.not_after = WallTime{};
  });
  EXPECT_EQ(days(), Json(nullptr));
}

TEST_F(CertificatesTest, AFilterShowsSomeAndRefusesWordsThatNoneCanHave) {
  log_in();
  ask("POST", "/api/domains", R"({"name":"b.test"})");
  change_row("b.test", [](Certificate& row) { row.state = CertificateState::failed; });
  let_expire_tomorrow("example.test");
  EXPECT_EQ(names_of("/api/certificates?state=failed"), std::vector<std::string>{"b.test"});
  EXPECT_EQ(names_of("/api/certificates?alert=error"), std::vector<std::string>{"example.test"});
  EXPECT_EQ(names_of("/api/certificates?issuer=file"), std::vector<std::string>{});
  EXPECT_EQ(names_of("/api/certificates?issuer=internal"), names_of("/api/certificates"));
  struct Row {
    const char* query;
    const char* code;
  };
  for (const Row& row : {Row{"issuer=nobody", "unknown_issuer"}, Row{"state=new", "unknown_word"},
                         Row{"alert=red", "unknown_alert"}}) {
    const auto refused = ask("GET", std::string("/api/certificates?") + row.query);
    EXPECT_EQ(refused.status, 400) << row.query;
    EXPECT_EQ(json(refused)["errors"][0]["code"], row.code);
  }
}

TEST_F(CertificatesTest, TheStatusNamesThoseThatSomebodyShouldLookAt) {
  log_in();
  ask("POST", "/api/domains", R"({"name":"b.test"})");
  EXPECT_EQ(json(ask("GET", "/api/system/status"))["certificates"], Json::array());
  change_row("b.test", [](Certificate& row) { row.last_error = "port 80 is closed"; });
  let_expire_tomorrow("example.test");
  const Json troubles = json(ask("GET", "/api/system/status"))["certificates"];
  ASSERT_EQ(troubles.size(), 2U);
  EXPECT_EQ(troubles[0]["name"], "b.test");
  EXPECT_EQ(troubles[0]["last_error"], "port 80 is closed");
  EXPECT_EQ(troubles[1]["alert"], "error");
  EXPECT_FALSE(json(ask("GET", "/readyz")).contains("certificates")) << "which anyone may ask";
}

TEST_F(CertificatesTest, DomainAdministratorsSeeThatOfTheirDomain) {
  log_in();
  ask("POST", "/api/domains", R"({"name":"b.test"})");
  const auto made = ask("POST", "/api/users",
                        R"({"email":"d@b.test","password":"password123","role":"domain-admin"})");
  ASSERT_EQ(made.status, 201) << made.body;
  log_in_as("d@b.test");
  EXPECT_EQ(names_of("/api/certificates"), std::vector<std::string>{"b.test"});
  EXPECT_EQ(ask("GET", "/api/certificates/b.test").status, 200);
  EXPECT_EQ(ask("GET", "/api/certificates/example.test").status, 403);
  EXPECT_EQ(ask("PUT", "/api/certificates/example.test", R"({"key_type":"rsa"})").status, 403);
  EXPECT_EQ(ask("POST", "/api/certificates/example.test/order", "{}").status, 403);
  for (const char* body :
       {R"({"names":["example.test"]})", R"({"allow_weaker":true})", R"({"force":true})"}) {
    EXPECT_EQ(ask("PUT", "/api/certificates/b.test", body).status, 403) << body;
  }
  EXPECT_EQ(ask("POST", "/api/certificates/b.test/order", R"({"force":true})").status, 403);
  EXPECT_EQ(ask("POST", "/api/certificates/b.test/revoke", "{}").status, 403);
  EXPECT_EQ(ask("DELETE", "/api/certificates/b.test").status, 403);
  EXPECT_EQ(ask("GET", "/api/acme/accounts").status, 403);
}

TEST_F(CertificatesTest, WordsThatMeanNothingAreRefusedTogether) {
  log_in();
  const Json revoke = json(ask("POST", "/api/certificates/example.test/revoke",
                               R"({"reason":"boredom","signed_by":"me"})"));
  EXPECT_EQ(revoke["errors"][0]["code"], "unknown_reason");
  EXPECT_EQ(revoke["errors"][1]["code"], "unknown_signer");
  EXPECT_EQ(json(ask("PUT", "/api/certificates/example.test",
                     R"({"key_type":"dsa"})"))["errors"][0]["field"],
            "key_type");
  EXPECT_EQ(ask("POST", "/api/certificates/example.test/revoke?dry_run=1", "{}").status, 400)
      << "a revocation has no dry run";
}

TEST_F(CertificatesTest, AnUploadThatIsWrongShowsNoKey) {
  log_in();
  const auto refused = ask("POST", "/api/certificates/example.test/upload",
                           R"({"certificate":"no PEM","key":"very-secret-text"})");
  EXPECT_EQ(refused.status, 400) << refused.body;
  EXPECT_EQ(refused.body.find("very-secret-text"), std::string::npos);
}

TEST_F(CertificatesTest, AnAccountThatIsWrongIsToldWithAllFaultsAndWithoutItsKey) {
  log_in();
  EXPECT_EQ(json(ask("GET", "/api/acme/accounts"))["items"], Json::array());
  const auto refused = ask("POST", "/api/acme/accounts",
                           R"({"name":"internal","directory":"nowhere","external_id":"kid-1",)"
                           R"("external_key":"very secret text!"})");
  EXPECT_EQ(refused.status, 400) << refused.body;
  EXPECT_GE(json(refused)["errors"].size(), 2U) << refused.body;
  EXPECT_EQ(refused.body.find("very secret text"), std::string::npos);
  EXPECT_EQ(ask("GET", "/api/acme/accounts/nobody").status, 404);
  EXPECT_EQ(ask("DELETE", "/api/acme/accounts/nobody").status, 404);
  EXPECT_EQ(ask("POST", "/api/acme/accounts/nobody/key").status, 404);
  EXPECT_EQ(ask("POST", "/api/acme/accounts/nobody/deactivate").status, 404);
  EXPECT_EQ(ask("PUT", "/api/acme/accounts/nobody", R"({"contact":[]})").status, 404);
}

}  // namespace
}  // namespace podplay::api
