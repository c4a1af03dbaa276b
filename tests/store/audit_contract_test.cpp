// The audit's chain on both stores, also with two control planes.
#include <thread>

#include "store/audit.hpp"
#include "store/search.hpp"
#include "store/store_contract.hpp"

namespace podplay::store {
namespace {

class AuditContract : public StoreContractBase {};

TEST_P(AuditContract, TwoControlPlanesDoNotForkTheChain) {
  auto second = Store::open(url_, silent_logger());
  ASSERT_TRUE(second) << describe(second.error());
  const auto write_many = [](Store& store) {
    for (int i = 0; i < 40; ++i) {
      const auto done = store.write<bool>([&](Transaction& transaction) -> Result<bool> {
        insert_audit(transaction, {.at = from_millis(1000 + i), .event = "E"});
        insert_audit(transaction, {.at = from_millis(1000 + i), .event = "F"});
        return true;
      });
      ASSERT_TRUE(done) << describe(done.error());
    }
  };
  std::thread other([&] { write_many(**second); });
  write_many(*store_);
  other.join();
  const auto rows = read<std::vector<AuditRow>>(
      [](Session& s) { return list_audit(s, 0, 1000, {.ascending = true}); });
  ASSERT_EQ(rows.size(), 160U);
  AuditMark last;
  for (const AuditRow& row : rows) {
    EXPECT_EQ(row.previous, last.id);
    EXPECT_EQ(row.hash, audit_hash(row, last.hash));
    last = {row.id, row.hash};
  }
  EXPECT_EQ(read<AuditMark>([](Session& s) { return audit_head(s); }), last);
}

TEST_P(AuditContract, WhatIsRolledBackIsNoLink) {
  const auto failed = store_->write<bool>([](Transaction& transaction) -> Result<bool> {
    insert_audit(transaction, {.event = "E"});
    return fail(ErrorKind::conflict, "no", "no");
  });
  EXPECT_FALSE(failed);
  EXPECT_EQ(read<AuditMark>([](Session& s) { return audit_head(s); }), AuditMark{});
}

TEST_P(AuditContract, TextFromOutsideIsNoPattern) {
  write([](Transaction& t) {
    insert_audit(t, {.event = "E", .subject = "100% of a_b!"});
    insert_audit(t, {.event = "E", .subject = "other"});
  });
  for (const auto& [text, found] : {std::pair{"100% OF", 1U}, std::pair{"a_b!", 1U},
                                    std::pair{"%", 1U}, std::pair{"a%b", 0U}, std::pair{"'", 0U}}) {
    const auto rows = read<std::vector<AuditRow>>(
        [&](Session& s) { return list_audit(s, 0, 9, {.text = text}); });
    EXPECT_EQ(rows.size(), found) << text;
  }
}

INSTANTIATE_TEST_SUITE_P(Both, AuditContract, kBothStores, name_of_store);

}  // namespace
}  // namespace podplay::store
