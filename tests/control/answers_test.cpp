// A request with an Idempotency-Key is carried out once.
#include "control/answers.hpp"

#include <gtest/gtest.h>

#include "control/control_test.hpp"

namespace podplay::control {
namespace {

class AnswersTest : public test::ControlTest {};

TEST_F(AnswersTest, AKeyIsCarriedOutOnceWhateverBecomesOfItsAnswer) {
  Answers answers;
  int done = 0;
  const KeyedRequest request{.key = "key-1", .path = "/api/mail/send", .body = "{}", .acts = true};
  const auto late = [&]() -> Result<store::KeptAnswer> {
    ++done;
    return fail(ErrorKind::timeout, "agent_timeout", "it may have been sent");
  };
  EXPECT_EQ(code(answers.once(context, admin, request, late)), "agent_timeout");
  EXPECT_EQ(code(answers.once(context, admin, request, late)), "outcome_unknown");
  EXPECT_EQ(done, 1) << "or the message would go out twice";
  const KeyedRequest refused{.key = "key-2", .path = "/api/users", .body = "{}"};
  const auto fails = [&]() -> Result<store::KeptAnswer> {
    ++done;
    return fail(ErrorKind::invalid, "invalid", "nothing was done");
  };
  EXPECT_EQ(code(answers.once(context, admin, refused, fails)), "invalid");
  EXPECT_EQ(code(answers.once(context, admin, refused, fails)), "invalid");
  EXPECT_EQ(done, 3) << "what left nothing may be repeated";
  const KeyedRequest thrown{.key = "key-3", .path = "/api/users", .body = "{}"};
  EXPECT_THROW(static_cast<void>(answers.once(
                   context, admin, thrown,
                   []() -> Result<store::KeptAnswer> { throw std::runtime_error("x"); })),
               std::runtime_error);
  EXPECT_EQ(code(answers.once(context, admin, thrown, fails)), "outcome_unknown")
      << "and the key is not in use forever";
  EXPECT_EQ(code(answers.once(context, admin, {.key = "ke\ny", .path = "/", .body = ""}, fails)),
            "bad_idempotency_key");
}

}  // namespace
}  // namespace podplay::control
