// Deleting old rows in batches, on both stores.
#include "store/agents.hpp"
#include "store/answers.hpp"
#include "store/audit.hpp"
#include "store/domains.hpp"
#include "store/retention.hpp"
#include "store/revisions.hpp"
#include "store/store_contract.hpp"
#include "store/tokens.hpp"
#include "store/users.hpp"

namespace podplay::store {
namespace {

class RetentionContract : public StoreContractBase {
 protected:
  std::int64_t deleted(const std::function<std::int64_t(Transaction&)>& work) {
    std::int64_t count = -1;
    write([&](Transaction& t) { count = work(t); });
    return count;
  }
};

TEST_P(RetentionContract, OldAuditEventsGoFromTheOldestOnAndLeaveAnAnchor) {
  write([&](Transaction& t) {
    // The second one was written while the clock was wrong. The last one is older than the one
    // before it, and stays as long as that.
    for (const int at : {10, 5000, 20, 40, 30}) {
      AuditRow row;
      row.at = from_millis(at);
      insert_audit(t, row);
    }
  });
  const auto old = [&](std::int64_t limit) {
    return read<std::vector<AuditMark>>(
        [&](Session& s) { return old_audit(s, from_millis(40), from_millis(50), limit); });
  };
  EXPECT_EQ(old(9).size(), 3U);
  const auto first = old(2);
  ASSERT_EQ(first.size(), 2U);
  write([&](Transaction& t) { delete_audit(t, first.back()); });
  EXPECT_EQ(read<AuditMark>([](Session& s) { return audit_anchor(s); }), first.back());
  EXPECT_EQ(old(9).size(), 1U);
  const auto left = read<std::vector<AuditRow>>([](Session& s) { return list_audit(s, 0, 9); });
  ASSERT_EQ(left.size(), 3U);
  EXPECT_EQ(left.back().previous, first.back().id);
  EXPECT_EQ(left.back().hash, audit_hash(left.back(), first.back().hash));
}

TEST_P(RetentionContract, RevisionsThatSomebodyNeedsStay) {
  write([&](Transaction& t) {
    for (Revision id = 1; id <= 6; ++id) {
      RevisionRow row;
      row.id = id;
      row.at = from_millis(static_cast<std::int64_t>(id) * 10);
      row.services = {id == 3 ? ServiceName::bind : ServiceName::mail};
      insert_revision(t, row);
    }
    put_agent_state(t, {.service = ServiceName::mail}, {.settled = 5, .running = 5});
    put_agent_state(t, {.service = ServiceName::mail, .host = "second"},
                    {.settled = 4, .running = 4});
    put_agent_state(t, {.service = ServiceName::bind}, {.settled = 3, .running = 3});
    Refusal refusal;
    refusal.agent.service = ServiceName::mail;
    refusal.first = 1;
    refusal.last = 1;
    insert_refusal(t, refusal);
    refusal.first = 2;
    refusal.last = 3;
    insert_refusal(t, refusal);
  });
  const auto old = [&](std::int64_t time) {
    return read<std::vector<std::int64_t>>(
        [&](Session& s) { return old_revisions(s, from_millis(time), 0, 9); });
  };
  EXPECT_EQ(old(1000), (std::vector<std::int64_t>{1, 2, 4}))
      << "3 is bind's newest, 5 is not settled by the second host, 6 by none";
  EXPECT_EQ(old(30), (std::vector<std::int64_t>{1, 2}));
  write([&](Transaction& t) { delete_revisions(t, old(30)); });
  EXPECT_EQ(old(1000), (std::vector<std::int64_t>{4}));
  EXPECT_FALSE(read<std::optional<Refusal>>(
      [](Session& s) { return find_refusal(s, {.service = ServiceName::mail}, 1); }));
  EXPECT_TRUE(read<std::optional<Refusal>>(
      [](Session& s) { return find_refusal(s, {.service = ServiceName::mail}, 3); }));
}

TEST_P(RetentionContract, AnswersAndTokensGoByAge) {
  write([&](Transaction& t) {
    insert_domain(t, {t.next("id"), "a.test", true, from_millis(1), from_millis(2), 1});
    User user;
    user.id = 5;
    user.email = "x@a.test";
    user.domain = "a.test";
    insert_user(t, user);
    for (int i = 1; i <= 3; ++i) {
      Token token;
      token.id = 100 + i;
      token.hash = "hash" + std::to_string(i);
      token.user_id = 5;
      token.expires = from_millis(i * 10);
      insert_token(t, token);
      put_answer(t, "x@a.test", "key" + std::to_string(i), {"h", 200, "{}"}, from_millis(i * 10));
    }
  });
  EXPECT_EQ(deleted([](Transaction& t) { return delete_tokens_expired(t, from_millis(30), 1); }),
            1);
  EXPECT_EQ(deleted([](Transaction& t) { return delete_tokens_expired(t, from_millis(30), 9); }),
            1);
  EXPECT_TRUE(read<std::optional<Token>>([](Session& s) { return find_token(s, "hash3"); }));
  EXPECT_EQ(deleted([](Transaction& t) { return delete_answers_before(t, from_millis(30), 1); }),
            1);
  EXPECT_EQ(deleted([](Transaction& t) { return delete_answers_before(t, from_millis(30), 9); }),
            1);
  EXPECT_TRUE(read<std::optional<KeptAnswer>>(
      [](Session& s) { return find_answer(s, "x@a.test", "key3", from_millis(1)); }));
}

INSTANTIATE_TEST_SUITE_P(Both, RetentionContract, kBothStores, name_of_store);

}  // namespace
}  // namespace podplay::store
