// Of a problem there is one standing alert: its open_key is the problem's key, and that of a
// recovered one has the alert's number behind it.
#include "store/alerts.hpp"

#include "store/connection.hpp"

namespace podplay::store {
namespace {

constexpr const char* kAlertColumns =
    "id, key, source, service, severity, state, cause, evidence, remedy, runbook, first_seen, "
    "last_seen, gone_since, hold, notified, notices, recovered";
constexpr const char* kNoticeColumns = "id, alert, way, event, created, sent, words";
constexpr const char* kSilenceColumns = "key, until, reason, author, created";

Alert to_alert(const soci::row& row) {
  const auto time = [&row](std::size_t at) { return from_millis(row.get<long long>(at)); };
  return {.id = row.get<long long>(0),
          .key = row.get<std::string>(1),
          .source = row.get<std::string>(2),
          .service = row.get<std::string>(3),
          .severity = parse_alert_severity(row.get<std::string>(4)).value_or(AlertSeverity::error),
          .state = parse_alert_state(row.get<std::string>(5)).value_or(AlertState::open),
          .text = {.cause = row.get<std::string>(6),
                   .evidence = row.get<std::string>(7),
                   .remedy = row.get<std::string>(8),
                   .runbook = row.get<std::string>(9)},
          .first_seen = time(10),
          .last_seen = time(11),
          .gone_since = time(12),
          .hold = std::chrono::milliseconds(row.get<long long>(13)),
          .notified = time(14),
          .notices = static_cast<int>(row.get<long long>(15)),
          .recovered = time(16)};
}

std::vector<Alert> to_alerts(const soci::rowset<soci::row>& rows) {
  std::vector<Alert> alerts;
  for (const soci::row& row : rows) {
    alerts.push_back(to_alert(row));
  }
  return alerts;
}

AlertNotice to_notice(const soci::row& row) {
  return {.id = row.get<long long>(0),
          .alert = row.get<long long>(1),
          .way = row.get<std::string>(2),
          .event = row.get<std::string>(3),
          .created = from_millis(row.get<long long>(4)),
          .sent = from_millis(row.get<long long>(5)),
          .words = row.get<std::string>(6)};
}

std::string select_alerts(const std::string& rest) {
  return std::string("SELECT ") + kAlertColumns + " FROM alerts " + rest;
}

// An alert's values as SOCI binds them.
struct AlertColumns {
  explicit AlertColumns(const Alert& alert)
      : id(alert.id),
        open_key(alert.state == AlertState::recovered ? alert.key + " #" + std::to_string(alert.id)
                                                      : alert.key),
        severity(to_text(alert.severity)),
        state(to_text(alert.state)),
        first_seen(to_millis(alert.first_seen)),
        last_seen(to_millis(alert.last_seen)),
        gone_since(to_millis(alert.gone_since)),
        hold(alert.hold.count()),
        notified(to_millis(alert.notified)),
        notices(alert.notices),
        recovered(to_millis(alert.recovered)) {}

  long long id;
  std::string open_key;
  std::string severity;
  std::string state;
  long long first_seen;
  long long last_seen;
  long long gone_since;
  long long hold;
  long long notified;
  long long notices;
  long long recovered;
};

}  // namespace

std::vector<Alert> list_standing_alerts(Session& session) {
  return to_alerts(
      (sql_of(session).prepare << select_alerts("WHERE state IN ('pending', 'open') ORDER BY id")));
}

std::vector<Alert> list_alerts(Session& session, std::optional<AlertState> state,
                               std::int64_t before, std::int64_t limit) {
  const long long below = before == 0 ? INT64_MAX : before;
  const long long most = limit;
  const std::string wanted(state ? to_text(*state) : "");
  return to_alerts((sql_of(session).prepare << select_alerts(
                        "WHERE id < :below AND ((:any = '' AND state <> 'pending') OR "
                        "state = :state) ORDER BY id DESC LIMIT :most"),
                    soci::use(below), soci::use(wanted), soci::use(wanted), soci::use(most)));
}

std::optional<Alert> find_alert(Session& session, std::int64_t id) {
  const long long key = id;
  const auto found =
      to_alerts((sql_of(session).prepare << select_alerts("WHERE id = :id"), soci::use(key)));
  return found.empty() ? std::nullopt : std::optional(found.front());
}

void insert_alert(Transaction& transaction, const Alert& alert) {
  const AlertColumns columns(alert);
  sql_of(transaction.session())
      << std::string("INSERT INTO alerts (open_key, ") + kAlertColumns +
             ") VALUES (:open_key, :id, :key, :source, :service, :severity, :state, :cause, "
             ":evidence, :remedy, :runbook, :first_seen, :last_seen, :gone_since, :hold, "
             ":notified, :notices, :recovered)",
      soci::use(columns.open_key), soci::use(columns.id), soci::use(alert.key),
      soci::use(alert.source), soci::use(alert.service), soci::use(columns.severity),
      soci::use(columns.state), soci::use(alert.text.cause), soci::use(alert.text.evidence),
      soci::use(alert.text.remedy), soci::use(alert.text.runbook), soci::use(columns.first_seen),
      soci::use(columns.last_seen), soci::use(columns.gone_since), soci::use(columns.hold),
      soci::use(columns.notified), soci::use(columns.notices), soci::use(columns.recovered);
}

void update_alert(Transaction& transaction, const Alert& alert) {
  const AlertColumns columns(alert);
  sql_of(transaction.session())
      << "UPDATE alerts SET open_key = :open_key, severity = :severity, state = :state, "
         "cause = :cause, evidence = :evidence, remedy = :remedy, runbook = :runbook, "
         "last_seen = :last_seen, gone_since = :gone_since, hold = :hold, notified = :notified, "
         "notices = :notices, recovered = :recovered WHERE id = :id",
      soci::use(columns.open_key), soci::use(columns.severity), soci::use(columns.state),
      soci::use(alert.text.cause), soci::use(alert.text.evidence), soci::use(alert.text.remedy),
      soci::use(alert.text.runbook), soci::use(columns.last_seen), soci::use(columns.gone_since),
      soci::use(columns.hold), soci::use(columns.notified), soci::use(columns.notices),
      soci::use(columns.recovered), soci::use(columns.id);
}

void delete_alert(Transaction& transaction, std::int64_t id) {
  const long long key = id;
  sql_of(transaction.session()) << "DELETE FROM alerts WHERE id = :id", soci::use(key);
}

std::int64_t delete_recovered_alerts(Transaction& transaction, WallTime time, std::int64_t limit) {
  const long long at = to_millis(time);
  const long long most = limit;
  soci::statement statement =
      (sql_of(transaction.session()).prepare
           << "DELETE FROM alerts WHERE id IN (SELECT id FROM alerts WHERE state = 'recovered' "
              "AND recovered < :at ORDER BY recovered LIMIT :most)",
       soci::use(at), soci::use(most));
  statement.execute(true);
  return statement.get_affected_rows();
}

void insert_alert_notice(Transaction& transaction, const AlertNotice& notice) {
  const long long id = notice.id;
  const long long alert = notice.alert;
  const long long created = to_millis(notice.created);
  const long long sent = to_millis(notice.sent);
  sql_of(transaction.session()) << "INSERT INTO alert_notices (" << kNoticeColumns
                                << ") VALUES (:id, :alert, :way, :event, :created, :sent, :words)",
      soci::use(id), soci::use(alert), soci::use(notice.way), soci::use(notice.event),
      soci::use(created), soci::use(sent), soci::use(notice.words);
}

std::optional<AlertNotice> find_alert_notice(Session& session, std::int64_t id) {
  const long long key = id;
  const soci::rowset<soci::row> rows =
      (sql_of(session).prepare << "SELECT " << kNoticeColumns
                               << " FROM alert_notices WHERE id = :id",
       soci::use(key));
  for (const soci::row& row : rows) {
    return to_notice(row);
  }
  return std::nullopt;
}

std::vector<AlertNotice> list_alert_notices(Session& session, std::int64_t alert) {
  const long long key = alert;
  const soci::rowset<soci::row> rows =
      (sql_of(session).prepare << "SELECT " << kNoticeColumns
                               << " FROM alert_notices WHERE alert = :alert ORDER BY id",
       soci::use(key));
  std::vector<AlertNotice> notices;
  for (const soci::row& row : rows) {
    notices.push_back(to_notice(row));
  }
  return notices;
}

void end_alert_notice(Transaction& transaction, std::int64_t id, WallTime sent,
                      const std::string& words) {
  const long long key = id;
  const long long at = to_millis(sent);
  sql_of(transaction.session())
      << "UPDATE alert_notices SET sent = :sent, words = :words WHERE id = :id",
      soci::use(at), soci::use(words), soci::use(key);
}

void put_alert_silence(Transaction& transaction, const AlertSilence& silence) {
  const long long until = to_millis(silence.until);
  const long long created = to_millis(silence.created);
  delete_alert_silence(transaction, silence.key);
  sql_of(transaction.session()) << "INSERT INTO alert_silences (" << kSilenceColumns
                                << ") VALUES (:key, :until, :reason, :author, :created)",
      soci::use(silence.key), soci::use(until), soci::use(silence.reason),
      soci::use(silence.author), soci::use(created);
}

bool delete_alert_silence(Transaction& transaction, const std::string& key) {
  soci::statement statement =
      (sql_of(transaction.session()).prepare << "DELETE FROM alert_silences WHERE key = :key",
       soci::use(key));
  statement.execute(true);
  return statement.get_affected_rows() == 1;
}

std::vector<AlertSilence> list_alert_silences(Session& session, WallTime now) {
  const long long at = to_millis(now);
  const soci::rowset<soci::row> rows =
      (sql_of(session).prepare << "SELECT " << kSilenceColumns
                               << " FROM alert_silences WHERE until > :at ORDER BY key",
       soci::use(at));
  std::vector<AlertSilence> silences;
  for (const soci::row& row : rows) {
    silences.push_back({.key = row.get<std::string>(0),
                        .until = from_millis(row.get<long long>(1)),
                        .reason = row.get<std::string>(2),
                        .author = row.get<std::string>(3),
                        .created = from_millis(row.get<long long>(4))});
  }
  return silences;
}

void delete_ended_alert_silences(Transaction& transaction, WallTime now) {
  const long long at = to_millis(now);
  sql_of(transaction.session()) << "DELETE FROM alert_silences WHERE until <= :at", soci::use(at);
}

}  // namespace podplay::store
