// Somebody with the store in their hands changes the audit; the verification names what they did.
#include "control/audit_chain.hpp"

#include <gtest/gtest.h>
#include <soci/soci.h>
#include <soci/sqlite3/soci-sqlite3.h>

#include "control/audit.hpp"
#include "control/identity/users.hpp"
#include "control/plane.hpp"
#include "wire/users.hpp"

namespace podplay::control {
namespace {

class AuditChain : public testing::Test {
 protected:
  void SetUp() override {
    for (int i = 0; i < 20; ++i) {
      note_action(plane_.context(), Actor::system(), "TESTED", fmt::format("thing {}", i),
                  difference(nullptr, {{"number", i}}));
    }
    for (const store::AuditRow& row : list_audit(plane_.context(), 0, 500).value()) {
      ids_.insert(ids_.begin(), row.id);
    }
  }
  // As somebody does who has the file.
  void tamper(const std::string& statement) {
    soci::session sql(soci::sqlite3, "dbname=\"" + plane_.paths.state + "/podplay.db\" timeout=30");
    sql << statement;
  }
  AuditVerdict verify(const store::AuditMark& witness = {}) {
    auto verdict = verify_audit(plane_.context(), witness);
    EXPECT_TRUE(verdict) << describe(verdict.error());
    return std::move(*verdict);
  }
  // The faults as "kind id".
  std::vector<std::string> faults(const store::AuditMark& witness = {}) {
    std::vector<std::string> found;
    for (const AuditFault& fault : verify(witness).faults) {
      found.push_back(fmt::format("{} {}", fault.kind, fault.id));
    }
    return found;
  }
  using Faults = std::vector<std::string>;

  test::Plane plane_;
  // Of all events, the oldest first.
  std::vector<std::int64_t> ids_;
};

TEST_F(AuditChain, IsWholeAsItIsWritten) {
  const AuditVerdict verdict = verify();
  EXPECT_EQ(verdict.fault_count, 0);
  EXPECT_EQ(verdict.count, static_cast<std::int64_t>(ids_.size()));
  EXPECT_EQ(verdict.head.id, ids_.back());
  EXPECT_EQ(verdict.anchor.id, 0);
}

TEST_F(AuditChain, AChangedEventIsNamedWhateverWasChanged) {
  const std::int64_t id = ids_[5];
  for (const char* change :
       {"event = 'OTHER'", "actor = 'somebody@else.test'", "subject = 'x'", "at = at + 1",
        "request_id = 'x'", "remote_address = '192.0.2.9'", "door = 'imap'", "times = 2",
        "before = '{}'", "after = '{\"number\":99}'", "hash = 'x'"}) {
    const std::string copy = "CREATE TABLE copy AS SELECT * FROM audit";
    tamper(copy);
    tamper(fmt::format("UPDATE audit SET {} WHERE id = {}", change, id));
    const Faults found = faults();
    ASSERT_FALSE(found.empty()) << change;
    EXPECT_EQ(found.front(), fmt::format("changed {}", id)) << change;
    tamper("DELETE FROM audit");
    tamper("INSERT INTO audit SELECT * FROM copy");
    tamper("DROP TABLE copy");
    ASSERT_EQ(verify().fault_count, 0) << "the test put everything back";
  }
}

TEST_F(AuditChain, ARemovedEventIsNamed) {
  tamper(fmt::format("DELETE FROM audit WHERE id = {}", ids_[7]));
  EXPECT_EQ(faults(),
            (Faults{fmt::format("removed {}", ids_[7]), fmt::format("unproven {}", ids_[8])}));
}

TEST_F(AuditChain, TheFirstAndTheLastEventCannotBeRemovedUnseen) {
  tamper(fmt::format("DELETE FROM audit WHERE id = {}", ids_.back()));
  EXPECT_EQ(faults(), (Faults{fmt::format("removed {}", ids_.back())}));
  tamper(fmt::format("DELETE FROM audit WHERE id = {}", ids_.front()));
  EXPECT_EQ(faults().front(), fmt::format("removed {}", ids_.front()));
}

TEST_F(AuditChain, AnInsertedEventIsNamed) {
  // Between two events there is a free id, since users and aliases have theirs from the same row.
  const std::int64_t free_id = ids_.back() + 100;
  tamper(
      fmt::format("INSERT INTO audit SELECT {}, at, event, actor, subject, request_id, "
                  "remote_address, door, times, before, after, previous, hash FROM audit "
                  "WHERE id = {}",
                  free_id, ids_.back()));
  const Faults found = faults();
  EXPECT_NE(std::ranges::find(found, fmt::format("inserted {}", free_id)), found.end())
      << fmt::format("{}", fmt::join(found, ", "));
}

TEST_F(AuditChain, EventsThatChangedPlacesAreNamed) {
  tamper(fmt::format("UPDATE audit SET id = -1 WHERE id = {}", ids_[3]));
  tamper(fmt::format("UPDATE audit SET id = {} WHERE id = {}", ids_[3], ids_[4]));
  tamper(fmt::format("UPDATE audit SET id = {} WHERE id = -1", ids_[4]));
  const Faults found = faults();
  ASSERT_FALSE(found.empty());
  EXPECT_NE(std::ranges::find(found, fmt::format("moved {}", ids_[3])), found.end())
      << fmt::format("{}", fmt::join(found, ", "));
}

TEST_F(AuditChain, AChainThatWasMadeAnewFailsItsWitness) {
  const AuditVerdict before = verify();
  EXPECT_EQ(faults(before.head), Faults{});
  // Somebody who knows the program changes an event and makes all hashes after it again.
  tamper(fmt::format("UPDATE audit SET actor = 'nobody' WHERE id = {}", ids_[2]));
  std::string hash;
  std::vector<store::AuditRow> rows =
      list_audit(plane_.context(), 0, 500, {.ascending = true}).value();
  for (store::AuditRow& row : rows) {
    row.hash = store::audit_hash(row, hash);
    hash = row.hash;
    tamper(fmt::format("UPDATE audit SET hash = '{}' WHERE id = {}", hash, row.id));
  }
  tamper(fmt::format("UPDATE audit_chain SET hash = '{}' WHERE name = 'head'", hash));
  EXPECT_EQ(faults(), Faults{}) << "the store alone cannot tell";
  EXPECT_EQ(faults(before.head), (Faults{fmt::format("changed {}", before.head.id)}));
}

TEST_F(AuditChain, AnAnchorThatRetentionDidNotLeaveIsNoticed) {
  const store::AuditRow row = list_audit(plane_.context(), 0, 500, {.ascending = true})->at(4);
  tamper(fmt::format("DELETE FROM audit WHERE id <= {}", row.id));
  tamper(fmt::format("UPDATE audit_chain SET id = {}, hash = '{}' WHERE name = 'anchor'", row.id,
                     row.hash));
  EXPECT_EQ(faults(), (Faults{fmt::format("removed {}", row.id)}));
}

TEST_F(AuditChain, GoesOnAfterRetention) {
  const store::AuditRow row = list_audit(plane_.context(), 0, 500, {.ascending = true})->at(4);
  ASSERT_TRUE(delete_audit_up_to(plane_.context(), {row.id, row.hash}, 5));
  EXPECT_EQ(faults(), Faults{});
  const AuditVerdict verdict = verify();
  EXPECT_EQ(verdict.anchor, (store::AuditMark{row.id, row.hash}));
  EXPECT_EQ(faults({row.id, row.hash}), Faults{}) << "a witness that retention deleted";
}

TEST_F(AuditChain, EventsFromBeforeTheChainAreChained) {
  tamper("UPDATE audit SET hash = '', previous = 0");
  tamper("UPDATE audit_chain SET id = 0, hash = ''");
  const auto again = store::Store::open(plane_.paths.state + "/podplay.db", silent_logger());
  ASSERT_TRUE(again) << describe(again.error());
  EXPECT_EQ(verify().fault_count, 0);
  EXPECT_EQ(verify().head.id, ids_.back());
}

// --- what an event says ---

TEST(AuditDifference, HasOnlyWhatChanged) {
  const nlohmann::json before{{"id", 1}, {"quota", 10}, {"enabled", true}, {"revision", 4}};
  const nlohmann::json after{{"id", 1}, {"quota", 20}, {"enabled", true}, {"revision", 5}};
  const Difference changed = difference(before, after);
  EXPECT_EQ(changed.before, R"({"quota":10})");
  EXPECT_EQ(changed.after, R"({"quota":20})");
  EXPECT_EQ(difference(nullptr, after).before, "");
  EXPECT_EQ(difference(before, nullptr).after, "");
  EXPECT_EQ(difference(before, before).after, "");
}

TEST_F(AuditChain, AUserInItHasNoSecret) {
  plane_.make_admin();
  UserInput input;
  input.email = "new@example.test";
  input.password = Secret("correct horse");
  const auto made = create_user(plane_.context(), Actor::system(), input, {});
  ASSERT_TRUE(made) << describe(made.error());
  const auto event = list_audit(plane_.context(), 0, 1)->front();
  EXPECT_EQ(event.event, "USER_CREATED");
  EXPECT_NE(event.after.find("new@example.test"), std::string::npos) << event.after;
  EXPECT_EQ(event.after.find("argon2"), std::string::npos) << event.after;
}

TEST_F(AuditChain, AnEventIsShownWithWhatItChanged) {
  const auto newest = [&] { return event_of(list_audit(plane_.context(), 0, 1)->front()); };
  EXPECT_EQ(newest().id, ids_.back());
  EXPECT_EQ(newest().event, "TESTED");
  EXPECT_TRUE(newest().before.is_null());
  EXPECT_EQ(newest().after, (nlohmann::json{{"number", 19}}));
  for (const char* text : {"{", "", "7"}) {
    tamper(fmt::format("UPDATE audit SET after = '{}' WHERE id = {}", text, ids_.back()));
    EXPECT_TRUE(newest().after.is_null()) << text;
  }
}

TEST_F(AuditChain, IsFilteredByEachOfItsFields) {
  note_action(plane_.context(), Actor::anonymous("request-9", "192.0.2.7"), "OTHER", "Needle");
  const auto count = [&](const store::AuditFilter& filter) {
    return list_audit(plane_.context(), 0, 500, filter)->size();
  };
  EXPECT_EQ(count({.event = "TESTED"}), 20U);
  EXPECT_EQ(count({.event = "OTHER"}), 1U);
  EXPECT_EQ(count({.actor = "anonymous"}), 1U);
  EXPECT_EQ(count({.subject = "thing 3"}), 1U);
  EXPECT_EQ(count({.request_id = "request-9"}), 1U);
  EXPECT_EQ(count({.text = "eedL"}), 1U);
  EXPECT_EQ(count({.text = "100%_"}), 0U);
  EXPECT_EQ(count({.event = "TESTED", .actor = "anonymous"}), 0U);
  const WallTime now = plane_.clock.now();
  EXPECT_EQ(count({.since = now + std::chrono::hours(1)}), 0U);
  EXPECT_EQ(count({.until = now - std::chrono::hours(1)}), 0U);
  EXPECT_EQ(count({.since = now - std::chrono::hours(1)}), ids_.size() + 1);
}

TEST_F(AuditChain, PagesDoNotMoveWhenEventsAreAdded) {
  const auto first = list_audit(plane_.context(), 0, 5).value();
  note_action(plane_.context(), Actor::system(), "LATER", "x");
  const auto second = list_audit(plane_.context(), first.back().id, 5).value();
  EXPECT_EQ(second.front().id, first.back().previous);
}

}  // namespace
}  // namespace podplay::control
