// Agents get only what belongs to their service, and enrol before that.
#include "control/work.hpp"

#include <gtest/gtest.h>

#include <thread>

#include "control/control_test.hpp"
#include "control/identity/users.hpp"
#include "net/x509.hpp"

namespace podplay::control {
namespace {

class WorkTest : public test::ControlTest {};

TEST_F(WorkTest, WorkGoesToTheServiceItConcerns) {
  const auto first = ask_for_work(ServiceName::apache);
  ASSERT_TRUE(first) << describe(first.error());
  ASSERT_TRUE(first->snapshot);
  ASSERT_TRUE(first->feed);
  for (const FeedRow& row : first->feed->rows) {
    EXPECT_EQ(row.kind(), RowKind::site) << "accounts are mail's alone";
  }
  wire::WorkQuestion question{.snapshot_hash = first->snapshot_hash,
                              .position = {.generation = first->feed->generation,
                                           .epoch = first->feed->epoch,
                                           .seq = first->feed->seq},
                              .wait = 0};
  ASSERT_TRUE(take_report(
      context, {ServiceName::apache},
      {.revision = first->revision, .state = ApplyState::applied, .running = first->revision}));
  const auto second = work_for(ServiceName::apache, question);
  EXPECT_FALSE(second->snapshot);
  EXPECT_FALSE(second->feed);
  EXPECT_EQ(rows_of(ServiceName::mail, RowKind::mailbox).size(), 1U);
  EXPECT_EQ(rows_of(ServiceName::mail, RowKind::domain).size(), 1U);
}

TEST_F(WorkTest, ACommitWakesTheWaitingAgentAtOnce) {
  settle_everything();
  const auto idle = ask_for_work(ServiceName::mail);
  std::chrono::steady_clock::time_point woken;
  std::thread agent([&] {
    const auto work =
        work_for(ServiceName::mail, {.snapshot_hash = idle->snapshot_hash,
                                     .position = {.generation = idle->feed->generation,
                                                  .epoch = idle->feed->epoch,
                                                  .seq = idle->feed->seq},
                                     .wait = 20});
    woken = std::chrono::steady_clock::now();
    EXPECT_EQ(work->feed->rows.at(0).key, "fast@example.test");
  });
  std::this_thread::sleep_for(std::chrono::milliseconds(100));
  ASSERT_TRUE(create_user(context, admin, input("fast@example.test"), {}));
  const auto committed = std::chrono::steady_clock::now();
  agent.join();
  EXPECT_LT(woken - committed, std::chrono::seconds(2));
}

TEST_F(WorkTest, EnrolmentNeedsTheServicesOwnSecret) {
  ASSERT_TRUE(prepare_enrolment(context));
  const Secret secret(plane.files.read(plane.paths.enrolment + "/mail/secret").value());
  const std::string request =
      net::make_signing_request(net::make_private_key().value(), "x").value();
  const auto enrolment = enrol(context, "mail", "", secret, request);
  ASSERT_TRUE(enrolment) << describe(enrolment.error());
  EXPECT_EQ(net::read_certificate(enrolment->certificate)->common_name, "mail@main");
  EXPECT_EQ(code(enrol(context, "mail", "second", secret, request)), "secret_refused")
      << "it is the secret of one host";
  const auto another =
      make_enrolment_secret(context, {.service = ServiceName::mail, .host = "second"});
  ASSERT_TRUE(another) << describe(another.error());
  const auto second = enrol(context, "mail", "second", *another, request);
  ASSERT_TRUE(second) << describe(second.error());
  EXPECT_EQ(net::read_certificate(second->certificate)->common_name, "mail@second");
  EXPECT_EQ(context.hub.agents(ServiceName::mail).size(), 2U) << "two hosts are two agents";
  EXPECT_EQ(code(enrol(context, "bind", "", secret, request)), "secret_refused");
  EXPECT_EQ(code(enrol(context, "../mail", "", secret, request)), "unknown_word");
  EXPECT_EQ(code(enrol(context, "mail", "../../state/enrolment/mail@main", secret, request)),
            "bad_host");
}

}  // namespace
}  // namespace podplay::control
