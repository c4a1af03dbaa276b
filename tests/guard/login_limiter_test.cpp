// Who may try how often. Field case 23 is here for the rules; tests/pod shows it at the doors.
#include "guard/login_limiter.hpp"

#include <fmt/format.h>
#include <gtest/gtest.h>

#include "guard/hand_clock.hpp"
#include "guard/mark.hpp"

namespace podplay::guard {
namespace {

using namespace std::chrono;

constexpr const char* kAnn = "ann@a.test";
constexpr const char* kBob = "bob@a.test";
// Hides its clients.
constexpr const char* kGateway = "10.89.0.1";

class LoginLimiterTest : public testing::Test {
 protected:
  LoginLimiterTest() { limiter.use_rules({}, {kGateway}); }

  // The mark of a password, as different as a test needs it.
  static LoginTry attempt(const std::string& account, const std::string& address, int password,
                          const std::string& door = "imap") {
    return {account, address, door, password < 0 ? "" : fmt::format("{:04x}", password)};
  }
  // "ok", "wrong", or what is locked.
  std::string login(const LoginTry& attempt, bool right = false) {
    if (const auto refusal = limiter.begin(attempt)) {
      return refusal->account ? "account" : "address";
    }
    if (right) {
      limiter.succeeded(attempt);
      return "ok";
    }
    limiter.failed(attempt);
    return "wrong";
  }
  int guesses(const std::string& account, const std::string& address, int most = 100) {
    int made = 0;
    for (int i = 0; i < most; ++i) {
      made += login(attempt(account, address, 1000 + next_++)) == "wrong" ? 1 : 0;
    }
    return made;
  }

  HandClock clock;
  LoginLimiter limiter{clock};
  int next_ = 0;
};

TEST_F(LoginLimiterTest, TenDifferentWrongPasswordsLockAnAccountAtEveryDoor) {
  for (int i = 0; i < 10; ++i) {
    EXPECT_EQ(login(attempt(kAnn, "192.0.2.1", i, i % 2 == 0 ? "imap" : "http")), "wrong");
  }
  for (const char* door : {"http", "imap", "pop3", "smtp", "sieve"}) {
    EXPECT_EQ(login(attempt("ANN@A.TEST", "192.0.2.9", 77, door)), "account");
  }
}

TEST_F(LoginLimiterTest, ALockEndsByItselfAndTheNextOneLastsTwiceAsLong) {
  for (const minutes length :
       {minutes(5), minutes(10), minutes(20), minutes(40), minutes(60), minutes(60)}) {
    EXPECT_EQ(guesses(kAnn, kGateway), 10);
    const auto refusal = limiter.begin(attempt(kAnn, kGateway, 5000));
    ASSERT_TRUE(refusal);
    EXPECT_EQ(refusal->until - clock.now(), length);
    clock.wall += length - seconds(1);
    EXPECT_TRUE(limiter.begin(attempt(kAnn, kGateway, 5000)));
    clock.wall += seconds(1);
  }
  clock.wall += hours(25);
  guesses(kAnn, kGateway);
  EXPECT_EQ(limiter.begin(attempt(kAnn, kGateway, 5000))->until - clock.now(), minutes(5));
}

TEST_F(LoginLimiterTest, TheRefusalSaysUntilWhen) {
  guesses(kAnn, kGateway);
  clock.wall = from_millis(1'800'000'000'000);
  EXPECT_EQ(limiter.begin(attempt(kAnn, kGateway, 1))->words(),
            "too many wrong passwords for this account; try again after 08:05:00 UTC");
}

TEST_F(LoginLimiterTest, ARightPasswordInTheLastFreeTryOpens) {
  EXPECT_EQ(guesses(kAnn, kGateway, 9), 9);
  EXPECT_EQ(login(attempt(kAnn, kGateway, 1), true), "ok");
  EXPECT_EQ(login(attempt(kAnn, kGateway, 2)), "wrong");
  EXPECT_EQ(login(attempt(kAnn, kGateway, 3)), "account");
}

TEST_F(LoginLimiterTest, TheSameWrongPasswordAgainIsAForgottenClient) {
  for (int i = 0; i < 60; ++i) {
    EXPECT_EQ(login(attempt(kAnn, kGateway, 7)), "wrong");
  }
  EXPECT_EQ(login(attempt(kAnn, kGateway, 1), true), "ok");
  for (int i = 0; i < 200; ++i) {
    login(attempt(kAnn, kGateway, 7));
  }
  EXPECT_EQ(login(attempt(kAnn, kGateway, 8)), "account") << "but it is not free";
}

TEST_F(LoginLimiterTest, ManyRightLoginsAtOnceAreNoGuesses) {
  for (int i = 0; i < 50; ++i) {
    EXPECT_FALSE(limiter.begin(attempt(kAnn, kGateway, 1)));
  }
  for (int i = 0; i < 50; ++i) {
    limiter.succeeded(attempt(kAnn, kGateway, 1));
  }
  EXPECT_EQ(limiter.look(kAnn).tries, 0);
}

TEST_F(LoginLimiterTest, ManyGuessesAtOnceAreLimitedLikeOneAfterTheOther) {
  int begun = 0;
  for (int i = 0; i < 100; ++i) {
    begun += limiter.begin(attempt(kAnn, kGateway, i)) ? 0 : 1;
  }
  EXPECT_EQ(begun, 10);
}

TEST_F(LoginLimiterTest, WithoutMarksEachTryIsAGuess) {
  for (int i = 0; i < 10; ++i) {
    EXPECT_EQ(login(attempt(kAnn, kGateway, -1)), "wrong");
  }
  EXPECT_EQ(login(attempt(kAnn, kGateway, -1), true), "account");
}

TEST_F(LoginLimiterTest, AnAddressMayNotTryEveryAccount) {
  int made = 0;
  for (int i = 0; i < 100; ++i) {
    made += login(attempt(fmt::format("user{}@a.test", i), "2001:db8::1", i)) == "wrong" ? 1 : 0;
  }
  EXPECT_EQ(made, 50);
  EXPECT_EQ(login(attempt(kBob, "2001:db8::2", 1), true), "address") << "the same /64";
  EXPECT_EQ(login(attempt(kBob, "2001:db8:0:1::2", 1), true), "ok");
}

TEST_F(LoginLimiterTest, field_case_23_AddressesThatHideTheirClientsAreNeverLocked) {
  for (int i = 0; i < 1000; ++i) {
    EXPECT_EQ(login(attempt(fmt::format("user{}@a.test", i), kGateway, i)), "wrong");
  }
  EXPECT_EQ(guesses(kAnn, kGateway), 10);
  EXPECT_EQ(login(attempt(kBob, kGateway, 1), true), "ok");
}

TEST_F(LoginLimiterTest, TheOwnerGetsInFromWhereHeGotInBefore) {
  EXPECT_EQ(login(attempt(kAnn, "192.0.2.1", 1), true), "ok");
  EXPECT_EQ(guesses(kAnn, "198.51.100.1"), 10);
  EXPECT_EQ(login(attempt(kAnn, "198.51.100.2", 1), true), "account");
  EXPECT_EQ(login(attempt(kAnn, "192.0.2.1", 1), true), "ok");
  EXPECT_EQ(login(attempt(kAnn, "192.0.2.1", 2), true), "ok") << "also with a new password";
  EXPECT_EQ(login(attempt(kAnn, "198.51.100.2", 2), true), "account") << "others stay out";
}

TEST_F(LoginLimiterTest, AGuesserBesideTheOwnerIsStoppedToo) {
  EXPECT_EQ(login(attempt(kAnn, "192.0.2.1", 1), true), "ok");
  EXPECT_EQ(guesses(kAnn, "192.0.2.1"), 10);
  EXPECT_EQ(login(attempt(kAnn, "192.0.2.1", 1), true), "account");
  EXPECT_EQ(login(attempt(kAnn, "192.0.2.5", 1), true), "ok") << "this locks the place only";
}

TEST_F(LoginLimiterTest, TheOwnerGetsInThroughALockedAddress) {
  EXPECT_EQ(login(attempt(kAnn, "192.0.2.1", 1), true), "ok");
  for (int i = 0; i < 100; ++i) {
    login(attempt(fmt::format("user{}@a.test", i), "192.0.2.1", i));
  }
  EXPECT_EQ(login(attempt(kBob, "192.0.2.1", 1), true), "address");
  EXPECT_EQ(login(attempt(kAnn, "192.0.2.1", 1), true), "ok");
}

TEST_F(LoginLimiterTest, field_case_23_BehindAPortForwardTheOwnersPasswordIsLookedAtDuringALock) {
  EXPECT_EQ(login(attempt(kAnn, kGateway, 1), true), "ok");
  EXPECT_EQ(guesses(kAnn, kGateway), 10);
  EXPECT_EQ(login(attempt(kAnn, kGateway, 1), true), "ok");
  EXPECT_EQ(login(attempt(kAnn, kGateway, 2)), "account") << "a guesser stays out";
  EXPECT_EQ(login(attempt(kAnn, "198.51.100.2", 1), true), "account")
      << "where addresses are shown, they are what counts";
}

TEST_F(LoginLimiterTest, AGuessThatHasTheOwnersMarkSlowsTheNextOneOnly) {
  EXPECT_EQ(login(attempt(kAnn, kGateway, 1), true), "ok");
  EXPECT_EQ(guesses(kAnn, kGateway), 10);
  EXPECT_EQ(login(attempt(kAnn, kGateway, 1)), "wrong");
  EXPECT_EQ(login(attempt(kAnn, kGateway, 1), true), "account");
  clock.wall += seconds(10);
  EXPECT_EQ(login(attempt(kAnn, kGateway, 1), true), "ok");
}

TEST_F(LoginLimiterTest, AnOldPasswordInAClientIsLimitedAsWell) {
  EXPECT_EQ(login(attempt(kAnn, kGateway, 1), true), "ok");
  int wrong = 0;
  for (int i = 0; i < 300; ++i) {
    wrong += login(attempt(kAnn, kGateway, 1)) == "wrong" ? 1 : 0;
  }
  EXPECT_LT(wrong, 120);
}

TEST_F(LoginLimiterTest, SuccessGivesAGuesserNoNewTries) {
  EXPECT_EQ(login(attempt(kBob, "192.0.2.1", 1), true), "ok");
  int made = 0;
  for (int i = 0; i < 100; ++i) {
    made += login(attempt(fmt::format("user{}@a.test", i), "192.0.2.1", i)) == "wrong" ? 1 : 0;
    EXPECT_EQ(login(attempt(kBob, "192.0.2.1", 1), true), "ok");
  }
  EXPECT_EQ(made, 50);
  EXPECT_EQ(login(attempt(kAnn, kGateway, 1), true), "ok");
  EXPECT_EQ(guesses(kAnn, kGateway, 9), 9);
  EXPECT_EQ(login(attempt(kAnn, kGateway, 1), true), "ok");
  EXPECT_EQ(guesses(kAnn, kGateway), 1) << "the owner's phone, behind the same port forward";
}

TEST_F(LoginLimiterTest, UnlockingOpensAtOnce) {
  EXPECT_EQ(login(attempt(kAnn, "192.0.2.1", 1), true), "ok");
  guesses(kAnn, "192.0.2.1");
  guesses(kAnn, "198.51.100.1");
  limiter.unlock(kAnn);
  EXPECT_EQ(login(attempt(kAnn, "192.0.2.1", 1), true), "ok");
  EXPECT_EQ(login(attempt(kAnn, "203.0.113.1", 1), true), "ok");
  EXPECT_FALSE(limiter.look(kAnn).locked);
}

TEST_F(LoginLimiterTest, TheLockOfAnAddressEndsWithTheUnlockOfItsOwner) {
  EXPECT_EQ(login(attempt(kAnn, "192.0.2.1", 1), true), "ok");
  EXPECT_FALSE(limiter.address_lock("192.0.2.1"));
  for (int i = 0; i < 60; ++i) {
    login(attempt(fmt::format("user{}@a.test", i), "192.0.2.1", i));
  }
  EXPECT_GT(limiter.address_lock("192.0.2.1"), clock.now());
  EXPECT_FALSE(limiter.address_lock("192.0.2.2"));
  limiter.unlock(kAnn);
  EXPECT_FALSE(limiter.address_lock("192.0.2.1"));
}

TEST_F(LoginLimiterTest, MillionsOfAccountsAndAddressesTakeNoMoreMemory) {
  EXPECT_EQ(login(attempt(kAnn, "192.0.2.1", 1), true), "ok");
  for (int i = 0; i < 100'000; ++i) {
    login(attempt(fmt::format("guess{}@a.test", i),
                  fmt::format("10.{}.{}.{}", i >> 16, (i >> 8) & 255, i & 255), i));
  }
  EXPECT_LE(limiter.figures().accounts, 20'000);
  EXPECT_LE(limiter.figures().addresses, 20'000);
  guesses(kAnn, "198.51.100.1");
  EXPECT_EQ(login(attempt(kAnn, "192.0.2.1", 1), true), "ok") << "owners are not forgotten";
  EXPECT_LT(limiter.memories().size(), 100'000U);
}

TEST_F(LoginLimiterTest, AClockThatIsSetBackDoesNotLockForLong) {
  guesses(kAnn, kGateway);
  EXPECT_TRUE(limiter.begin(attempt(kAnn, kGateway, 1)));
  clock.wall -= hours(24 * 365);
  EXPECT_TRUE(limiter.begin(attempt(kAnn, kGateway, 1)));
  clock.wall += hours(1);
  EXPECT_EQ(login(attempt(kAnn, kGateway, 1), true), "ok");
}

TEST_F(LoginLimiterTest, FiguresAndReasonsAreThere) {
  guesses(kAnn, "192.0.2.1", 13);
  const AccountState state = limiter.look(kAnn);
  EXPECT_TRUE(state.locked);
  EXPECT_EQ(state.until - clock.now(), minutes(5));
  EXPECT_EQ(state.locks, 1);
  ASSERT_FALSE(state.last.empty());
  EXPECT_EQ(state.last.front().address, "192.0.2.1");
  const GuessingFigures figures = limiter.figures();
  EXPECT_EQ(figures.failed, 10);
  EXPECT_EQ(figures.refused, 3);
  EXPECT_EQ(figures.accounts, 1);
  EXPECT_EQ(figures.addresses, 1);
  EXPECT_EQ(figures.locked_accounts, 1);
  clock.wall += hours(2);
  EXPECT_EQ(limiter.figures().failed, 0);
  EXPECT_EQ(limiter.figures().accounts, 0);
}

TEST_F(LoginLimiterTest, RefusedTriesAreTheLogsTogether) {
  guesses(kAnn, kGateway, 2000);
  clock.wall += seconds(2);
  limiter.tell({}, "");
  int events = 0;
  std::int64_t refused = 0;
  for (const LoginEvent& event : limiter.log().after({}, "", 5000).events) {
    ++events;
    refused += event.kind == LoginEventKind::refused ? event.count : 0;
  }
  EXPECT_EQ(refused, 1990);
  EXPECT_LT(events, 20);
}

// The two ends of the link.
class TwoSidesTest : public LoginLimiterTest {
 protected:
  TwoSidesTest() { other.use_rules({}, {kGateway}); }
  // What a turn of the exchange does.
  void exchange() {
    const LoginPage there = limiter.tell(seen_there_, "other");
    other.hear(there.events, "this");
    seen_there_ = there.position;
    const LoginPage here = other.tell(seen_here_, "this");
    limiter.hear(here.events, "other");
    seen_here_ = here.position;
  }

  LoginLimiter other{clock};
  LoginPosition seen_there_;
  LoginPosition seen_here_;
};

TEST_F(TwoSidesTest, TriesSpreadOverBothAreStoppedLikeThoseAtOne) {
  int made = 0;
  for (int i = 0; i < 40; ++i) {
    LoginLimiter& door = i % 2 == 0 ? limiter : other;
    const LoginTry one = attempt(kAnn, kGateway, i);
    if (!door.begin(one)) {
      door.failed(one);
      ++made;
    }
    exchange();
  }
  EXPECT_EQ(made, 10);
  EXPECT_EQ(limiter.look(kAnn).until, other.look(kAnn).until);
  EXPECT_EQ(limiter.figures().failed, 10);
  EXPECT_EQ(other.figures().failed, 10);
  other.unlock(kAnn);
  exchange();
  EXPECT_EQ(login(attempt(kAnn, kGateway, 99), true), "ok");
}

TEST_F(TwoSidesTest, EachSideKnowsTheOwnersPlaces) {
  const LoginTry home = attempt(kAnn, "2001:db8::5", 1, "http");
  EXPECT_FALSE(other.begin(home));
  other.succeeded(home);
  exchange();
  guesses(kAnn, "198.51.100.1");
  exchange();
  EXPECT_EQ(login(attempt(kAnn, "2001:db8::77", 1), true), "ok");
  EXPECT_EQ(login(attempt(kAnn, "2001:db9::77", 1), true), "account");
}

TEST_F(TwoSidesTest, ASideThatStartsAgainLearnsWhatTheOtherKnows) {
  EXPECT_EQ(login(attempt(kAnn, "192.0.2.1", 1), true), "ok");
  guesses(kAnn, "198.51.100.1");
  exchange();
  LoginLimiter fresh{clock};
  fresh.use_rules({}, {kGateway});
  fresh.hear(limiter.tell({}, "fresh").events, "this");
  EXPECT_TRUE(fresh.begin(attempt(kAnn, "198.51.100.7", 1)));
  EXPECT_FALSE(fresh.begin(attempt(kAnn, "192.0.2.1", 1)));
}

TEST_F(TwoSidesTest, MemoriesAreTheSameAfterARestart) {
  EXPECT_EQ(login(attempt(kAnn, "192.0.2.1", 1), true), "ok");
  EXPECT_EQ(login(attempt(kBob, kGateway, 1), true), "ok");
  guesses(kAnn, "198.51.100.1");
  guesses(kBob, kGateway, 7);
  LoginLimiter fresh{clock};
  fresh.use_rules({}, {kGateway});
  fresh.hear(limiter.memories(), "");
  EXPECT_EQ(fresh.look(kAnn).until, limiter.look(kAnn).until);
  EXPECT_EQ(fresh.look(kBob).tries, 7);
  EXPECT_FALSE(fresh.begin(attempt(kAnn, "192.0.2.1", 1)));
  EXPECT_TRUE(fresh.log().after({}, "", 10).events.empty()) << "it is nobody's news";
}

TEST(PasswordMarkTest, IsTheOneThatDovecotMakes) {
  // Asked of Dovecot 2.4.1 with auth_policy_hash_nonce = abc.
  EXPECT_EQ(password_mark(Secret("abc"), "ann@a.test", Secret("right")), "0d68");
  EXPECT_EQ(password_mark(Secret("abc"), "bob@a.test", Secret("right")), "0460");
  EXPECT_EQ(password_mark(Secret("abc"), "bob@a.test", Secret("wrong")), "0a20");
  EXPECT_EQ(password_mark(Secret(), "bob@a.test", Secret("wrong")), "");
}

}  // namespace
}  // namespace podplay::guard
