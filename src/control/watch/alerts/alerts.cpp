// A silence belongs to the problem, not to one alert of it.
#include "control/watch/alerts/alerts.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "base/control_character.hpp"
#include "base/numbers.hpp"
#include "control/audit.hpp"
#include "control/watch/alerts/notices.hpp"
#include "control/watch/alerts/weigh.hpp"
#include "store/alerts.hpp"

namespace podplay::control {
namespace {

using namespace std::chrono;

constexpr auto kUsualSilence = hours{1};
constexpr auto kLongestSilence = days{366};
constexpr std::size_t kLongestReason = 500;

AlertDetails details_of(store::Session& session, Alert alert,
                        const std::vector<AlertSilence>& silences) {
  AlertDetails details{.alert = std::move(alert), .silence = std::nullopt, .notices = {}};
  const auto found = std::ranges::find(silences, details.alert.key, &AlertSilence::key);
  if (found != silences.end()) {
    details.silence = *found;
  }
  details.notices = store::list_alert_notices(session, details.alert.id);
  return details;
}

Result<Alert> find(store::Session& session, const std::string& id) {
  auto alert = store::find_alert(session, parse_number<std::int64_t>(id).value_or(0));
  if (!alert) {
    return fail(ErrorKind::not_found, "alert_unknown",
                fmt::format("there is no alert '{}'", id.substr(0, 40)),
                "podplay alerts list shows them; recovered ones are listed for "
                "PODPLAY_HEALTH_RETENTION days");
  }
  return std::move(*alert);
}

Result<WallTime> end_of_silence(const SilenceInput& input, WallTime now) {
  std::vector<Fault> faults;
  const auto until =
      input.until.empty() ? std::optional(now + kUsualSilence) : parse_rfc3339(input.until);
  if (!until || *until <= now || *until > now + kLongestSilence) {
    faults.push_back({.field = "until",
                      .code = "bad_time",
                      .message = fmt::format("an alert cannot be silenced until '{}'",
                                             input.until.substr(0, 40)),
                      .remedy = "write a time within the next 366 days, such as " +
                                to_rfc3339(ceil<seconds>(now + hours{24}))});
  }
  const bool control = std::ranges::any_of(input.reason, is_control);
  if (input.reason.size() > kLongestReason || control) {
    faults.push_back(
        {.field = "reason",
         .code = "bad_reason",
         .message = "the reason is too long, or has more than one line",
         .remedy = fmt::format("write at most {} characters in one line", kLongestReason)});
  }
  TRY(no_faults(std::move(faults)));
  return *until;
}

}  // namespace

Result<std::vector<AlertDetails>> list_alerts(Context& context, std::optional<AlertState> state,
                                              std::int64_t before, std::int64_t limit) {
  const WallTime now = context.clock.now();
  return context.store.read_together<std::vector<AlertDetails>>([&](store::Session& session) {
    const auto silences = store::list_alert_silences(session, now);
    std::vector<AlertDetails> all;
    for (Alert& alert : store::list_alerts(session, state, before, limit)) {
      all.push_back(details_of(session, std::move(alert), silences));
    }
    return all;
  });
}

Result<AlertDetails> silence_alert(Context& context, const Actor& actor, const std::string& id,
                                   const SilenceInput& input) {
  const WallTime now = context.clock.now();
  TRY(const auto until, end_of_silence(input, now));
  store::AuditRow event;
  TRY(auto details, context.store.write<AlertDetails>([&](store::Transaction& transaction)
                                                          -> Result<AlertDetails> {
    TRY(auto alert, find(transaction, id));
    // no going back after this
    store::put_alert_silence(transaction, {.key = alert.key,
                                           .until = until,
                                           .reason = input.reason,
                                           .author = actor.email(),
                                           .created = now});
    event = store::insert_audit(
        transaction, audit_event(context, actor, "ALERT_SILENCED",
                                 fmt::format("{} until {}", alert.key, to_rfc3339(until))));
    return details_of(transaction, std::move(alert), store::list_alert_silences(transaction, now));
  }));
  log_audit(context, event);
  return details;
}

Result<AlertDetails> unsilence_alert(Context& context, const Actor& actor, const std::string& id) {
  const WallTime now = context.clock.now();
  store::AuditRow event;
  TRY(auto details, context.store.write<AlertDetails>([&](store::Transaction& transaction)
                                                          -> Result<AlertDetails> {
    TRY(auto alert, find(transaction, id));
    if (!store::delete_alert_silence(transaction, alert.key)) {
      return fail(ErrorKind::not_found, "silence_unknown",
                  fmt::format("alert {} is not silenced", alert.id), "nothing needs to be done");
    }
    // no going back after this
    event = store::insert_audit(transaction,
                                audit_event(context, actor, "ALERT_UNSILENCED", alert.key));
    return details_of(transaction, std::move(alert), store::list_alert_silences(transaction, now));
  }));
  log_audit(context, event);
  return details;
}

Result<std::vector<AlertTry>> test_alerts(Context& context, const Actor& actor) {
  const auto ways = alert_ways(context.settings);
  if (ways.empty()) {
    return fail(ErrorKind::conflict, "no_receiver", "nobody is told of alerts",
                "set PODPLAY_ALERT_MAIL or PODPLAY_ALERT_WEBHOOK, then `podplay up`");
  }
  const WallTime now = context.clock.now();
  TRY(const auto number, context.store.write<std::int64_t>(
                             [](store::Transaction& transaction) -> Result<std::int64_t> {
                               return transaction.next("id");
                             }));
  const Alert alert{.id = number,
                    .key = "test",
                    .source = "control",
                    .service = "control",
                    .severity = AlertSeverity::warning,
                    .state = AlertState::open,
                    .text = {.cause = "This is a test; nothing is wrong",
                             .evidence = fmt::format("{} asked for it", actor.email()),
                             .remedy = "nothing needs to be done",
                             .runbook = ""},
                    .first_seen = now,
                    .last_seen = now};
  std::vector<AlertTry> tries;
  for (const std::string& way : ways) {
    const AlertNotice notice{
        .id = number, .alert = number, .way = way, .event = "test", .created = now};
    const auto answer = deliver_alert(context, alert, notice, actor.request_id());
    tries.push_back({.way = way,
                     .receiver = alert_receiver(context.settings, way),
                     .ok = answer.has_value(),
                     .answer = answer ? *answer : describe(answer.error())});
  }
  note_action(context, actor, "ALERTS_TESTED", fmt::format("{} ways", tries.size()));
  return tries;
}

}  // namespace podplay::control
