// What agents are given, and enrolment.
#include "control/work.hpp"

#include <gtest/gtest.h>

#include <thread>

#include "control/control_test.hpp"
#include "control/identity/users.hpp"
#include "net/x509.hpp"
#include "store/directory.hpp"

namespace podplay::control {
namespace {

class WorkTest : public test::ControlTest {};

TEST_F(WorkTest, WorkGoesToTheServiceItConcerns) {
  wire::WorkQuestion question;
  question.wait = 0;
  const auto first = give_work(context, ServiceName::apache, question);
  ASSERT_TRUE(first) << describe(first.error());
  ASSERT_TRUE(first->snapshot);
  EXPECT_EQ(std::get<ApacheSnapshot>(first->snapshot->body).sites.at(0).name, "example.test");
  EXPECT_FALSE(first->directory) << "accounts are mail's alone";
  question.snapshot_hash = first->snapshot_hash;
  ASSERT_TRUE(take_report(
      context, ServiceName::apache,
      {.revision = first->revision, .state = ApplyState::applied, .running = first->revision}));
  EXPECT_FALSE(give_work(context, ServiceName::apache, question)->snapshot);
  const auto mail = ask_for_work(ServiceName::mail);
  ASSERT_TRUE(mail->directory);
  EXPECT_EQ(mail->directory->rows.size(), 2U);
}

TEST_F(WorkTest, ACommitWakesTheWaitingAgentAtOnce) {
  context.hub.settle(ServiceName::mail, context.hub.newest(ServiceName::mail));
  const auto seen = context.store.read<std::uint64_t>(
      [](store::Session& s) { return store::newest_sequence(s); });
  const auto idle = ask_for_work(ServiceName::mail);
  std::chrono::steady_clock::time_point woken;
  std::thread agent([&] {
    const auto work =
        give_work(context, ServiceName::mail,
                  {.snapshot_hash = idle->snapshot_hash, .directory_seq = *seen, .wait = 20});
    woken = std::chrono::steady_clock::now();
    EXPECT_EQ(work->directory->rows.at(0).key, "fast@example.test");
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
  const auto enrolment = enrol(context, "mail", secret, request);
  ASSERT_TRUE(enrolment) << describe(enrolment.error());
  EXPECT_EQ(net::read_certificate(enrolment->certificate)->common_name, "mail");
  EXPECT_EQ(code(enrol(context, "bind", secret, request)), "secret_refused");
  EXPECT_EQ(code(enrol(context, "../mail", secret, request)), "unknown_word");
}

}  // namespace
}  // namespace podplay::control
