// A certificate on its way from an authority into use: cut off after every step, refused by the
// authority, refused by a service, and no longer wanted.
#include "control/certificates/order_run.hpp"

#include <atomic>
#include <thread>

#include "control/certificates/accounts.hpp"
#include "control/certificates/jobs.hpp"
#include "control/certificates/orders.hpp"
#include "control/certificates/small_authority.hpp"
#include "control/control_test.hpp"
#include "control/domains.hpp"
#include "control/jobs/run_job.hpp"
#include "store/acme.hpp"

namespace podplay::control {
namespace {

using namespace std::chrono_literals;

class OrderRunTest : public test::ControlTest {
 protected:
  // The order's clock and the plane's must agree about the certificates' dates.
  test::SmallAuthority authority;

  // What the agents of all services do meanwhile: they settle every revision at once. With
  // `refuse`, the one of mail sets the certificate's row aside.
  std::atomic<bool> refuse = false;
  std::atomic<bool> stop = false;
  std::thread agents;

  OrderRunTest() {
    agents = std::thread([this] {
      while (!stop) {
        settle_all();
        std::this_thread::sleep_for(5ms);
      }
    });
    EXPECT_TRUE(create_domain(context, admin, "a.test", true, {}));
    make_account("public", authority);
  }
  ~OrderRunTest() override {
    stop = true;
    agents.join();
  }
  void settle_all() {
    for (const ServiceName service : kServices) {
      const Revision newest = context.hub.newest({service});
      if (context.hub.settled({service}) >= newest) {
        continue;
      }
      ApplyReport report{.revision = newest, .state = ApplyState::applied, .running = newest};
      if (service == ServiceName::mail && refuse) {
        report.set_aside = {{.kind = RowKind::certificate,
                             .key = "a.test",
                             .revision = newest,
                             .daemon = "dovecot-login",
                             .message = "port 993 shows the certificate 1234"}};
      }
      static_cast<void>(take_report(context, {service}, report));
    }
  }
  void make_account(const std::string& name, test::SmallAuthority& at, bool trusted = true) {
    const auto made = create_acme_account(context, admin,
                                          {.name = name,
                                           .directory = at.options().directory,
                                           .ca = at.options().ca,
                                           .trusted = trusted,
                                           .contact = {"admin@example.test"}});
    ASSERT_TRUE(made) << describe(made.error());
  }
  void want(const CertificateChange& wanted) {
    const auto asked = change_certificate(context, admin, "a.test", wanted);
    ASSERT_TRUE(asked) << describe(asked.error());
  }
  // One attempt; `stops_at`: the number of the question "time to leave off?" that is answered yes.
  Status attempt(int stops_at = -1) {
    const Job job = start_job(context, {.kind = kOrderJob, .subject = "a.test"}).value();
    JobRun run(context, job, 0, [stops_at, asked = 0]() mutable { return asked++ == stops_at; });
    return run_order(context, run);
  }
  Certificate row() { return get_certificate(context, "a.test").value(); }
  std::vector<store::AcmeChallenge> challenges() {
    return context.store
        .read<std::vector<store::AcmeChallenge>>(
            [](store::Session& session) { return store::list_challenges(session); })
        .value();
  }
  std::vector<store::AcmeOrder> orders() {
    return get_certificate_details(context, "a.test")->orders;
  }
  std::size_t txt_records() {
    std::size_t count = 0;
    for (const auto& [key, content] : rows_of(ServiceName::bind, RowKind::rrset)) {
      count += key.contains("_acme-challenge") ? 1 : 0;
    }
    return count;
  }
};

TEST_F(OrderRunTest, ACertificateIsOrderedPutInUseAndLeavesNoChallenge) {
  const std::string before = row().version;
  want({.issuer = "public", .wildcard = true, .force = true});
  const Status done = attempt();
  ASSERT_TRUE(done) << describe(done.error());
  EXPECT_NE(row().version, before);
  EXPECT_EQ(row().version_issuer, "public");
  EXPECT_EQ(row().version_names, (std::vector<std::string>{"*.a.test", "a.test"}));
  EXPECT_EQ(row().state, CertificateState::valid);
  EXPECT_EQ(row().last_error, "");
  EXPECT_TRUE(context.versions.exists({"a.test", row().version}));
  EXPECT_EQ(authority.orders.size(), 1U);
  EXPECT_TRUE(challenges().empty());
  EXPECT_EQ(txt_records(), 0U);
  ASSERT_EQ(orders().size(), 1U);
  EXPECT_EQ(orders().front().state, store::OrderState::done);
  EXPECT_TRUE(plane.files.list(plane.paths.state + "/acme/orders")->empty())
      << "the key is in the version";
  ASSERT_TRUE(attempt()) << "it is not due, so nothing is ordered";
  EXPECT_EQ(authority.orders.size(), 1U);
}

TEST_F(OrderRunTest, AnAttemptThatIsCutOffAnywhereGoesOnWithoutASecondOrder) {
  want({.issuer = "public", .wildcard = true, .force = true});
  int attempts = 1;
  // Each attempt makes at least one step, and is then cut off.
  while (!attempt(1)) {
    ASSERT_LT(++attempts, 30);
  }
  EXPECT_GT(attempts, 5) << "it was cut off at the steps between";
  EXPECT_EQ(row().version_issuer, "public");
  EXPECT_EQ(authority.orders.size(), 1U);
  EXPECT_TRUE(challenges().empty());
  EXPECT_EQ(txt_records(), 0U);
}

TEST_F(OrderRunTest, BothNamesOfAWildcardHaveTheirTxtRecordAtOnce) {
  want({.issuer = "public", .wildcard = true, .force = true});
  while (challenges().size() < 2) {
    ASSERT_FALSE(attempt(1)) << "it ended before the challenges were placed";
  }
  const auto rows = rows_of(ServiceName::bind, RowKind::rrset);
  const auto txt = rows.find("a.test _acme-challenge TXT");
  ASSERT_NE(txt, rows.end());
  EXPECT_EQ(std::get<RrsetRow>(txt->second).data.size(), 2U);
}

TEST_F(OrderRunTest, ARefusalOfTheAuthorityIsToldAndTheVersionInUseStays) {
  const std::string before = row().version;
  authority.refuses = {"a.test"};
  want({.issuer = "public",
        .names = std::vector<std::string>{"a.test", "www.a.test"},
        .force = true});
  const Status done = attempt();
  ASSERT_FALSE(done);
  EXPECT_EQ(row().version, before);
  EXPECT_EQ(row().state, CertificateState::failed);
  EXPECT_NE(row().last_error.find("NXDOMAIN for a.test"), std::string::npos) << row().last_error;
  EXPECT_EQ(orders().front().state, store::OrderState::failed);
  EXPECT_EQ(orders().front().failed_names, std::vector<std::string>{"a.test"});
  EXPECT_TRUE(challenges().empty());
  authority.refuses.clear();
  const Status again = attempt();
  EXPECT_TRUE(again) << describe(again.error());
  EXPECT_EQ(authority.orders.size(), 2U) << "an order that failed stays so";
  EXPECT_EQ(row().state, CertificateState::valid);
}

TEST_F(OrderRunTest, AServiceThatRefusesTakesTheVersionBackAndTheOrderIsKept) {
  const std::string before = row().version;
  refuse = true;
  want({.issuer = "public", .wildcard = true, .force = true});
  const Status done = attempt();
  EXPECT_FALSE(done);
  EXPECT_EQ(row().version, before);
  EXPECT_EQ(row().version_issuer, kInternalIssuer);
  EXPECT_EQ(row().state, CertificateState::failed);
  EXPECT_NE(row().last_error.find("port 993 shows the certificate 1234"), std::string::npos)
      << row().last_error;
  EXPECT_EQ(orders().front().state, store::OrderState::open);
  refuse = false;
  const Status again = attempt();
  EXPECT_TRUE(again) << describe(again.error());
  EXPECT_EQ(row().version_issuer, "public");
  EXPECT_EQ(authority.orders.size(), 1U) << "the same certificate was tried again";
}

TEST_F(OrderRunTest, AnOrderThatNobodyWantsAnyMoreIsGivenUp) {
  want({.issuer = "public", .wildcard = true, .force = true});
  while (challenges().empty()) {
    ASSERT_FALSE(attempt(1));
  }
  want({.issuer = "internal", .allow_weaker = true});
  const Status done = attempt();
  EXPECT_TRUE(done) << describe(done.error());
  EXPECT_TRUE(challenges().empty());
  EXPECT_EQ(txt_records(), 0U);
  EXPECT_EQ(orders().front().state, store::OrderState::abandoned);
  EXPECT_EQ(row().version_issuer, kInternalIssuer);
}

TEST_F(OrderRunTest, NamesThatChangeDuringAnOrderAreOrderedInTheSameAttempt) {
  bool changed = false;
  const auto answer = authority.handlers["/newOrder"];
  authority.handlers["/newOrder"] = [&](const test::FakeAuthority::Asked& asked) {
    auto made = answer(asked);
    if (!std::exchange(changed, true)) {
      want({.names = std::vector<std::string>{"a.test", "www.a.test"}, .wildcard = {}});
    }
    return made;
  };
  want({.issuer = "public", .wildcard = true, .force = true});
  const Status done = attempt();
  ASSERT_TRUE(done) << describe(done.error());
  EXPECT_EQ(row().version_names, (std::vector<std::string>{"a.test", "www.a.test"}));
  EXPECT_EQ(authority.orders.size(), 2U);
  EXPECT_TRUE(challenges().empty());
}

TEST_F(OrderRunTest, ARenewalThatFailedIsTriedAgainThoughNoneIsDue) {
  want({.issuer = "public", .wildcard = true, .force = true});
  ASSERT_TRUE(attempt());
  const std::string first = row().version;
  ASSERT_TRUE(order_certificate(context, admin, "a.test", true));
  authority.refuses = {"a.test"};
  ASSERT_FALSE(attempt());
  EXPECT_EQ(row().version, first);
  authority.refuses.clear();
  const Status again = attempt();
  ASSERT_TRUE(again) << describe(again.error());
  EXPECT_NE(row().version, first);
}

TEST_F(OrderRunTest, AVersionOfOtherNamesIsNotNamedAsReplaced) {
  want({.issuer = "public", .names = std::vector<std::string>{"www.a.test"}, .force = true});
  ASSERT_TRUE(attempt());
  want({.names = std::vector<std::string>{"a.test"}, .force = true});
  const Status done = attempt();
  ASSERT_TRUE(done) << describe(done.error());
  EXPECT_EQ(authority.orders.back().replaces, "");
}

TEST_F(OrderRunTest, ADomainThatIsDeletedMeanwhileLeavesNothing) {
  want({.issuer = "public", .wildcard = true, .force = true});
  while (challenges().empty()) {
    ASSERT_FALSE(attempt(1));
  }
  ASSERT_TRUE(delete_domain(context, admin, "a.test", {}));
  const Status done = attempt();
  EXPECT_TRUE(done) << describe(done.error());
  EXPECT_TRUE(challenges().empty());
}

TEST_F(OrderRunTest, AWindowThatMovedToNowRenewsAndNamesWhatItReplaces) {
  want({.issuer = "public", .wildcard = true, .force = true});
  ASSERT_TRUE(attempt());
  const Certificate first = row();
  EXPECT_GT(first.renew_at, plane.clock.now() + 24h * 30);
  authority.set_window(plane.clock.now() - 48h, plane.clock.now() - 24h);
  plane.clock.moved += 48h;
  test::run_job(plane, "certificate_renewal");
  EXPECT_LE(row().renew_at, plane.clock.now());
  const Status done = attempt();
  ASSERT_TRUE(done) << describe(done.error());
  EXPECT_NE(row().version, first.version);
  ASSERT_EQ(authority.orders.size(), 2U);
  EXPECT_NE(authority.orders.back().replaces, "");
}

TEST_F(OrderRunTest, AnAuthorityThatIsAwayForADayChangesNothing) {
  want({.issuer = "public", .wildcard = true, .force = true});
  ASSERT_TRUE(attempt());
  const Certificate first = row();
  // Less than a third of its 90 days is left.
  plane.clock.moved = first.not_after - plane.clock.now() - 24h * 25;
  authority.handlers["/newOrder"] = [](const auto&) {
    return test::FakeAuthority::problem(503, "serverInternal", "", {{"Retry-After", "3600"}});
  };
  for (int hour = 0; hour < 24; ++hour) {
    const Status done = attempt();
    ASSERT_FALSE(done);
    EXPECT_EQ(done.error().retry_after, 1h);
    plane.clock.moved += 1h;
  }
  EXPECT_EQ(row().version, first.version);
  EXPECT_EQ(alert_of(row(), plane.clock.now()), CertificateAlert::notice);
}

TEST_F(OrderRunTest, AStagingCertificateIsNotTakenForATrustedOne) {
  test::SmallAuthority staging("(STAGING) Pretend Pear");
  make_account("wrong", staging);
  const std::string before = row().version;
  want({.issuer = "wrong", .wildcard = true, .force = true});
  const Status done = attempt();
  ASSERT_FALSE(done);
  EXPECT_EQ(done.error().code, "staging_certificate");
  EXPECT_EQ(row().version, before);
}

TEST_F(OrderRunTest, ANameDoesNotGoBackToSomethingWeakerUnlessTold) {
  test::SmallAuthority staging;
  make_account("staging", staging, false);
  want({.issuer = "staging", .wildcard = true, .force = true});
  ASSERT_TRUE(attempt());
  EXPECT_EQ(row().version_issuer, "staging");
  want({.issuer = "public", .force = true});
  ASSERT_TRUE(attempt());
  EXPECT_EQ(row().version_issuer, "public");
  EXPECT_EQ(code(change_certificate(context, admin, "a.test", {.issuer = "staging"})),
            "weaker_issuer");
  EXPECT_EQ(code(change_certificate(context, admin, "a.test", {.issuer = "internal"})),
            "weaker_issuer");
  EXPECT_EQ(row().version_issuer, "public");
  want({.issuer = "internal", .allow_weaker = true});
  EXPECT_EQ(row().version_issuer, kInternalIssuer);
}

TEST_F(OrderRunTest, ARevokedCertificateIsOrderedAnew) {
  want({.issuer = "public", .wildcard = true, .force = true});
  ASSERT_TRUE(attempt());
  const std::string first = row().version;
  const auto revoked = revoke_certificate(context, admin, "a.test", {.with_key = true});
  ASSERT_TRUE(revoked) << describe(revoked.error());
  EXPECT_EQ(authority.revoked, 1);
  EXPECT_TRUE(revoked->job);
  authority.refuses.clear();
  const Status done = attempt();
  ASSERT_TRUE(done) << describe(done.error());
  EXPECT_NE(row().version, first);
}

}  // namespace
}  // namespace podplay::control
