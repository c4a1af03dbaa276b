// Alerts in the store: one standing alert for a problem, notices that go with it, silences that
// end.
#include "store/alerts.hpp"
#include "store/figures.hpp"
#include "store/store_contract.hpp"

namespace podplay::store {
namespace {

constexpr WallTime at(std::int64_t millis) { return WallTime(std::chrono::milliseconds(millis)); }

class AlertsContract : public StoreContractBase {
 protected:
  Alert add(const std::string& key, AlertState state = AlertState::open) {
    Alert alert{.key = key,
                .source = "mail@main",
                .service = "mail",
                .severity = AlertSeverity::error,
                .state = state,
                .text = {.cause = "it's broken",
                         .evidence = "a\nb",
                         .remedy = "fix it",
                         .runbook = "docs/runbooks/x.md"},
                .first_seen = at(1),
                .last_seen = at(2),
                .gone_since = at(3),
                .hold = std::chrono::milliseconds(4),
                .notified = at(5),
                .notices = 6};
    write([&](Transaction& t) {
      alert.id = t.next("id");
      insert_alert(t, alert);
    });
    return alert;
  }
  std::vector<Alert> listed(std::optional<AlertState> state = std::nullopt) {
    return read<std::vector<Alert>>([&](Session& s) { return list_alerts(s, state, 0, 50); });
  }
};

TEST_P(AlertsContract, AnAlertIsReadAsItWasWritten) {
  const Alert alert = add("k");
  const auto found =
      read<std::optional<Alert>>([&](Session& s) { return find_alert(s, alert.id); });
  ASSERT_TRUE(found);
  EXPECT_EQ(found->key, "k");
  EXPECT_EQ(found->source, "mail@main");
  EXPECT_EQ(found->severity, AlertSeverity::error);
  EXPECT_EQ(found->state, AlertState::open);
  EXPECT_EQ(found->text.cause, "it's broken");
  EXPECT_EQ(found->text.evidence, "a\nb");
  EXPECT_EQ(found->text.remedy, "fix it");
  EXPECT_EQ(found->text.runbook, "docs/runbooks/x.md");
  EXPECT_EQ(found->first_seen, at(1));
  EXPECT_EQ(found->last_seen, at(2));
  EXPECT_EQ(found->gone_since, at(3));
  EXPECT_EQ(found->hold.count(), 4);
  EXPECT_EQ(found->notified, at(5));
  EXPECT_EQ(found->notices, 6);
  EXPECT_EQ(found->recovered, WallTime{});
}

TEST_P(AlertsContract, AProblemHasOneStandingAlert) {
  Alert alert = add("k");
  const auto again = store_->write<bool>([&](Transaction& t) -> Result<bool> {
    Alert other = alert;
    other.id = t.next("id");
    insert_alert(t, other);
    return true;
  });
  EXPECT_FALSE(again);
  alert.state = AlertState::recovered;
  alert.recovered = at(9);
  write([&](Transaction& t) { update_alert(t, alert); });
  add("k");
  EXPECT_EQ(listed().size(), 2U);
  EXPECT_EQ(read<std::vector<Alert>>(list_standing_alerts).size(), 1U);
  EXPECT_EQ(listed(AlertState::recovered).size(), 1U);
}

TEST_P(AlertsContract, PendingOnesAreListedOnlyWhenAskedFor) {
  add("a", AlertState::pending);
  add("b");
  EXPECT_EQ(listed().size(), 1U);
  EXPECT_EQ(listed(AlertState::pending).size(), 1U);
}

TEST_P(AlertsContract, NoticesGoWithTheirAlert) {
  Alert alert = add("k");
  AlertNotice notice{.alert = alert.id, .way = "mail", .event = "opened", .created = at(7)};
  write([&](Transaction& t) {
    notice.id = t.next("id");
    insert_alert_notice(t, notice);
    end_alert_notice(t, notice.id, at(8), "taken");
  });
  const auto found =
      read<std::optional<AlertNotice>>([&](Session& s) { return find_alert_notice(s, notice.id); });
  ASSERT_TRUE(found);
  EXPECT_EQ(found->sent, at(8));
  EXPECT_EQ(found->words, "taken");
  alert.state = AlertState::recovered;
  alert.recovered = at(9);
  std::int64_t deleted = 0;
  write([&](Transaction& t) {
    update_alert(t, alert);
    EXPECT_EQ(delete_recovered_alerts(t, at(9), 10), 0);
    deleted = delete_recovered_alerts(t, at(10), 10);
  });
  EXPECT_EQ(deleted, 1);
  EXPECT_TRUE(read<std::vector<AlertNotice>>([&](Session& s) {
                return list_alert_notices(s, alert.id);
              }).empty());
}

TEST_P(AlertsContract, ASilenceReplacesTheOneBeforeAndEnds) {
  write([](Transaction& t) {
    put_alert_silence(t, {.key = "k", .until = at(100), .reason = "a", .author = "x"});
    put_alert_silence(t, {.key = "k", .until = at(200), .reason = "b", .author = "y"});
  });
  const auto silences = [&](std::int64_t now) {
    return read<std::vector<AlertSilence>>(
        [&](Session& s) { return list_alert_silences(s, at(now)); });
  };
  ASSERT_EQ(silences(150).size(), 1U);
  EXPECT_EQ(silences(150).front().reason, "b");
  EXPECT_TRUE(silences(200).empty());
  write([](Transaction& t) {
    EXPECT_TRUE(delete_alert_silence(t, "k"));
    EXPECT_FALSE(delete_alert_silence(t, "k"));
  });
}

TEST_P(AlertsContract, FiguresAreCounted) {
  add("a");
  add("b", AlertState::pending);
  const auto figures =
      read<StoreFigures>([](Session& s) { return read_store_figures(s, at(1000)); });
  EXPECT_GT(figures.bytes, 0U);
  EXPECT_EQ(figures.open_alerts.at(AlertSeverity::error), 1);
  EXPECT_EQ(figures.open_alerts.at(AlertSeverity::warning), 0);
  EXPECT_EQ(figures.jobs.at(JobState::waiting), 0);
  EXPECT_EQ(figures.sessions, 0);
  EXPECT_EQ(figures.first_expiry, WallTime{});
}

INSTANTIATE_TEST_SUITE_P(Stores, AlertsContract, kBothStores, name_of_store);

}  // namespace
}  // namespace podplay::store
