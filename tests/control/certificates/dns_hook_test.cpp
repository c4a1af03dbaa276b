// The administrator's program for TXT records: a real one, run as the control plane runs it.
#include "control/certificates/dns_hook.hpp"

#include "control/certificates/solver.hpp"
#include "control/control_test.hpp"

namespace podplay::control {
namespace {

class DnsHookTest : public test::ControlTest {
 protected:
  DnsHookTest() {
    plane.settings =
        effective_settings({{"PODPLAY_DOMAIN", "example.test"}, {"PODPLAY_DNS_HOOK", "dns-hook"}})
            .value();
    EXPECT_TRUE(plane.files.make_dirs(plane.paths.overrides, 0755));
  }
  // It writes down how it was called.
  void install(const std::string& end) {
    const std::string script =
        "#!/bin/sh\necho \"$@\" >> " + plane.folder.path() + "/calls\n" + end + "\n";
    ASSERT_TRUE(plane.files.write_atomic(plane.paths.overrides + "/dns-hook", script, 0755, {}));
  }
  std::string calls() { return plane.files.read(plane.folder.path() + "/calls").value_or(""); }
  std::size_t kept() {
    return context.store
        .read<std::vector<store::AcmeChallenge>>(
            [](store::Session& session) { return store::list_challenges(session); })
        ->size();
  }

  const acme::Placement placement{.type = acme::ChallengeType::dns_01,
                                  .identifier = "*.a.test",
                                  .token = "token",
                                  .key_authorization = "token.print",
                                  .challenge_url = {}};
};

TEST_F(DnsHookTest, TheRecordIsSetAndTakenAway) {
  install("");
  ChallengeSolver solver(context, "");
  ASSERT_TRUE(solver.place(placement));
  const std::string record = "_acme-challenge.a.test. " + acme::txt_value(placement);
  EXPECT_EQ(calls(), "present " + record + "\n");
  EXPECT_TRUE(solver.is_visible(placement).value());
  EXPECT_EQ(kept(), 1U);
  ASSERT_TRUE(solver.remove(placement));
  EXPECT_EQ(calls(), "present " + record + "\ncleanup " + record + "\n");
  EXPECT_EQ(kept(), 0U);
}

TEST_F(DnsHookTest, WhatItSaysIsTheReasonAndTheRecordIsNotForgotten) {
  install("echo 'no such zone' >&2; exit 4");
  ChallengeSolver solver(context, "");
  const Status placed = solver.place(placement);
  ASSERT_FALSE(placed);
  EXPECT_EQ(placed.error().code, "dns_hook_failed");
  EXPECT_NE(placed.error().message.find("no such zone"), std::string::npos)
      << describe(placed.error());
  EXPECT_EQ(kept(), 1U) << "it may have been set all the same";
  install("");
  ASSERT_TRUE(solver.remove(placement));
  EXPECT_EQ(kept(), 0U);
}

TEST_F(DnsHookTest, AProgramThatIsMissingIsNamed) {
  EXPECT_EQ(check_dns_hook(context).error().code, "dns_hook_missing");
  EXPECT_EQ(present_by_hook(context, "a.test", "x").error().code, "dns_hook_missing");
  install("");
  EXPECT_TRUE(check_dns_hook(context));
}

}  // namespace
}  // namespace podplay::control
