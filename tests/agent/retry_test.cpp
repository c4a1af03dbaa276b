// A refused snapshot is tried again later each time, and at some point no more.
#include "agent/retry.hpp"

#include <gtest/gtest.h>

namespace podplay::agent {
namespace {

using namespace std::chrono_literals;

ApplyReport refused_at(Stage stage) {
  return {.revision = 2, .state = ApplyState::refused, .stage = stage};
}

TEST(Retry, NothingIsDueBeforeARefusal) {
  const Retry retry;
  EXPECT_FALSE(retry.refusal());
  EXPECT_FALSE(retry.due(SteadyTime::max()));
}

TEST(Retry, PausesDoubleFromAMinuteToHalfAnHour) {
  Retry retry;
  SteadyTime now{};
  for (const auto pause : {60s, 120s, 240s, 480s, 960s, 1800s, 1800s}) {
    retry.refused(refused_at(Stage::check), now);
    EXPECT_FALSE(retry.due(now + pause - 1s)) << pause.count();
    EXPECT_TRUE(retry.due(now + pause)) << pause.count();
    now += pause;
  }
}

TEST(Retry, WhatDisturbsTheServiceIsTriedThreeTimes) {
  for (const Stage stage : {Stage::reload, Stage::probe}) {
    Retry retry;
    for (int i = 0; i < 3; ++i) {
      retry.refused(refused_at(stage), SteadyTime{});
      EXPECT_TRUE(retry.due(SteadyTime{} + 1h));
    }
    retry.refused(refused_at(stage), SteadyTime{});
    EXPECT_FALSE(retry.due(SteadyTime{} + 24h * 365));
    EXPECT_TRUE(retry.refusal()) << "it still stands";
  }
}

TEST(Retry, ANewChangeOfFilesIsAReasonToTryAtOnce) {
  Retry retry;
  for (int i = 0; i < 4; ++i) {
    retry.refused(refused_at(Stage::probe), SteadyTime{});
  }
  retry.make_due(SteadyTime{});
  EXPECT_TRUE(retry.due(SteadyTime{}));
  retry.refused(refused_at(Stage::probe), SteadyTime{});
  EXPECT_TRUE(retry.due(SteadyTime{} + 1h)) << "its tries are counted from zero";
}

TEST(Retry, AfterAnAppliedSnapshotItBeginsAgain) {
  Retry retry;
  retry.refused(refused_at(Stage::check), SteadyTime{});
  retry.refused(refused_at(Stage::check), SteadyTime{});
  retry.forget();
  EXPECT_FALSE(retry.refusal());
  retry.refused(refused_at(Stage::check), SteadyTime{});
  EXPECT_TRUE(retry.due(SteadyTime{} + 60s));
}

}  // namespace
}  // namespace podplay::agent
