// Who may be looked at, and what is asked of whom.
#include "control/watch/tools/diag.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "control/plane.hpp"

namespace podplay::control {
namespace {

class DiagTest : public testing::Test {
 protected:
  std::string fault_of(const std::string& service, looks::LookQuestion question) {
    const auto seen =
        look_at_service(plane_.context(), Actor::system(), service, "", std::move(question));
    return seen || seen.error().faults.empty() ? "" : seen.error().faults.front().field;
  }
  test::Plane plane_;
};

TEST_F(DiagTest, TheControlPlaneLooksAtItself) {
  const auto seen =
      look_at_service(plane_.context(), Actor::system(), "api", "", {.what = {"processes"}});
  ASSERT_TRUE(seen);
  EXPECT_EQ(seen->looks.size(), 1U);
  EXPECT_FALSE(seen->looks["processes"]["processes"].empty());
}

TEST_F(DiagTest, EveryFaultNamesItsField) {
  EXPECT_EQ(look_at_service(plane_.context(), Actor::system(), "kitchen", "", {}).error().code,
            "service_unknown");
  EXPECT_EQ(fault_of("api", {.what = {"weather"}}), "what");
  for (const char* name :
       {"a..b", "-a.test", "a.test.", "a b", "a;b", "http://a", "a/b", "[::1]"}) {
    EXPECT_EQ(fault_of("api", {.what = {"dns"}, .name = name}), "name") << name;
  }
  EXPECT_EQ(fault_of("api", {.what = {"dns"}, .name = std::string(300, 'a')}), "name");
  EXPECT_EQ(fault_of("api", {.what = {"dns"}, .type = "AXFR"}), "type");
  EXPECT_EQ(fault_of("api", {.what = {"tls"}, .port = 22}), "port") << "it is no open proxy";
}

TEST_F(DiagTest, AHostIsOneThatRunsTheService) {
  Context& context = plane_.context();
  const auto code_for = [&](const std::string& service, const std::string& host) {
    const auto seen = look_at_service(context, Actor::system(), service, host, {});
    const auto& faults = seen.error().faults;
    return faults.empty() ? seen.error().code : faults.front().code;
  };
  EXPECT_EQ(code_for("mail", "second"), "unknown_host");
  EXPECT_EQ(code_for("api", "second"), "unknown_host");
  context.hub.expect({.service = ServiceName::mail, .host = "second"});
  EXPECT_EQ(code_for("mail", "second"), "agent_away") << "it is asked, and not the first one";
}

TEST_F(DiagTest, AnAgentThatIsAwayIsTold) {
  const auto seen = look_at_service(plane_.context(), Actor::system(), "mail", "", {});
  ASSERT_FALSE(seen);
  EXPECT_EQ(seen.error().code, "agent_away");
}

}  // namespace
}  // namespace podplay::control
