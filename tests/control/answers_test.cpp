// A request with an Idempotency-Key is carried out once.
#include "control/answers.hpp"

#include <gtest/gtest.h>

#include <filesystem>

#include "base/encoding.hpp"
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

TEST_F(AnswersTest, AnAnswerCountsAsLongAsTheSettingSays) {
  Answers answers;
  int done = 0;
  const KeyedRequest request{.key = "key", .path = "/api/users", .body = "{}"};
  const auto work = [&]() -> Result<store::KeptAnswer> {
    ++done;
    return store::KeptAnswer{.status = 201, .body = "{}"};
  };
  const auto ask = [&] { EXPECT_EQ(code(answers.once(context, admin, request, work)), "fine"); };
  const auto keep = [&](const std::string& days) {
    plane.settings =
        effective_settings({{"PODPLAY_DOMAIN", "example.test"}, {"PODPLAY_ANSWER_RETENTION", days}})
            .value();
  };
  ask();
  plane.clock.moved += std::chrono::hours(23);
  ask();
  EXPECT_EQ(done, 1);
  keep("2");
  plane.clock.moved += std::chrono::hours(2);
  ask();
  EXPECT_EQ(done, 1) << "25 hours later";
  keep("1");
  ask();
  EXPECT_EQ(done, 2);
}

TEST_F(AnswersTest, NoFastHashOfARequestIsKept) {
  const KeyedRequest request{
      .key = "key", .path = "/api/users", .body = R"({"password":"password123"})"};
  const auto work = []() -> Result<store::KeptAnswer> {
    return store::KeptAnswer{.status = 201, .body = "{}"};
  };
  const auto kept_hash = [&] {
    const auto kept = context.store.read<std::optional<store::KeptAnswer>>(
        [&](store::Session& s) { return store::find_answer(s, admin.email(), "key", WallTime{}); });
    return kept->value().request_hash;
  };
  ASSERT_TRUE(Answers().once(context, admin, request, work));
  const std::string hash = kept_hash();
  EXPECT_NE(hash, sha256_hex(request.path + "\n" + request.body));
  const std::string key_file = plane.paths.state + "/answers.key";
  EXPECT_EQ(hash, hmac_sha256_hex(Secret(plane.files.read(key_file).value()),
                                  request.path + "\n" + request.body));
  EXPECT_EQ(std::filesystem::status(key_file).permissions(), std::filesystem::perms{0600});
  ASSERT_TRUE(Answers().once(context, admin, request, work)) << "also after a restart";
  EXPECT_EQ(kept_hash(), hash);
}

}  // namespace
}  // namespace podplay::control
