// Deleting old rows in batches, on both stores.
#include "store/agents.hpp"
#include "store/domains.hpp"
#include "store/retention.hpp"
#include "store/revisions.hpp"
#include "store/sessions.hpp"
#include "store/store_contract.hpp"
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

TEST_P(RetentionContract, OldAuditEventsGoInBatches) {
  write([&](Transaction& t) {
    for (int i = 1; i <= 5; ++i) {
      AuditRow row;
      row.at = from_millis(i * 10);
      row.event = "E" + std::to_string(i);
      insert_audit(t, row);
    }
  });
  const auto below = [&](std::int64_t time) {
    return read<std::int64_t>([&](Session& s) { return first_audit_since(s, from_millis(time)); });
  };
  EXPECT_EQ(below(0), below(10));
  EXPECT_EQ(below(1000), below(50) + 1) << "all are older";
  EXPECT_EQ(deleted([&](Transaction& t) { return delete_audit_below(t, below(40), 2); }), 2);
  EXPECT_EQ(deleted([&](Transaction& t) { return delete_audit_below(t, below(40), 2); }), 1);
  EXPECT_EQ(deleted([&](Transaction& t) { return delete_audit_below(t, below(40), 2); }), 0);
  EXPECT_EQ(read<std::vector<AuditRow>>([](Session& s) { return list_audit(s, 0, 9); }).size(), 2U);
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
    put_agent_state(t, {.service = ServiceName::mail}, {.settled = 4, .running = 4});
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
  const auto below =
      read<Revision>([](Session& s) { return first_revision_since(s, from_millis(1000)); });
  EXPECT_EQ(below, 7U);
  EXPECT_EQ(read<Revision>([](Session& s) { return first_revision_since(s, from_millis(30)); }),
            3U);
  EXPECT_EQ(deleted([&](Transaction& t) { return delete_revisions_below(t, 3, 1); }), 1);
  EXPECT_EQ(deleted([&](Transaction& t) { return delete_revisions_below(t, 3, 1); }), 1);
  EXPECT_EQ(deleted([&](Transaction& t) { return delete_revisions_below(t, 3, 1); }), 0);
  EXPECT_FALSE(read<std::optional<Refusal>>(
      [](Session& s) { return find_refusal(s, {.service = ServiceName::mail}, 1); }));
  EXPECT_TRUE(read<std::optional<Refusal>>(
      [](Session& s) { return find_refusal(s, {.service = ServiceName::mail}, 3); }));
  EXPECT_EQ(deleted([&](Transaction& t) { return delete_revisions_below(t, below, 100); }), 1)
      << "4: 3 is bind's newest, 5 and 6 are not settled";
  EXPECT_EQ(
      read<std::vector<RevisionRow>>([](Session& s) { return list_revisions(s, 0, 9); }).size(),
      3U);
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
      TokenRow token;
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
  EXPECT_TRUE(read<std::optional<TokenRow>>([](Session& s) { return find_token(s, "hash3"); }));
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
