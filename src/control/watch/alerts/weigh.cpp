// A notice is a row and a job in the transaction that changes the alert, so it is made once,
// whatever happens to this program afterwards.
#include "control/watch/alerts/weigh.hpp"

#include <algorithm>
#include <map>

#include "control/jobs/jobs.hpp"
#include "control/watch/alerts/notices.hpp"

namespace podplay::control {
namespace {

using namespace std::chrono;

constexpr std::int64_t kDeletedAtOnce = 100;
// More problems than this at once are not told one by one.
constexpr std::size_t kMostStanding = 1000;
constexpr std::size_t kLongestText = 4000;

AlertText cut(AlertText text) {
  for (std::string* part : {&text.cause, &text.evidence, &text.remedy, &text.runbook}) {
    // PostgreSQL's texts cannot hold it.
    std::erase(*part, '\0');
    if (part->size() > kLongestText) {
      part->resize(kLongestText);
      // A character of several octets (RFC 3629) must not be cut.
      while (!part->empty() && (static_cast<unsigned char>(part->back()) & 0x80U) != 0) {
        part->pop_back();
      }
    }
  }
  return text;
}

void take_input(Alert& alert, const AlertInput& input, const AlertRules& rules, WallTime now) {
  alert.severity = input.severity;
  alert.source = input.source;
  alert.service = input.service;
  alert.text = cut(input.text);
  alert.last_seen = now;
  alert.gone_since = {};
  alert.hold = input.hold.value_or(rules.after);
}

// The notice of an alert that stands.
std::string standing_notice(const Alert& alert, bool worse, const AlertRules& rules, WallTime now) {
  if (!rules.sends || alert.severity < rules.least) {
    return {};
  }
  if (alert.notices == 0) {
    return "opened";
  }
  if (worse) {
    return "worse";
  }
  // A clock that was set back must not silence an alert for long.
  const bool due = now >= alert.notified + rules.repeat || now + minutes{5} < alert.notified;
  return due ? "repeated" : "";
}

void keep(Context& context, store::Transaction& transaction, const WeighedAlert& weighed,
          bool is_new) {
  if (weighed.forget) {
    store::delete_alert(transaction, weighed.alert.id);
    return;
  }
  if (is_new) {
    store::insert_alert(transaction, weighed.alert);
  } else {
    store::update_alert(transaction, weighed.alert);
  }
  if (!weighed.notice.empty()) {
    add_alert_notices(context, transaction, weighed.alert, weighed.notice);
  }
}

void log_change(const Context& context, const WeighedAlert& weighed, AlertState before) {
  const Alert& alert = weighed.alert;
  if (weighed.forget || alert.state == before) {
    return;
  }
  context.log.with_component("api.alerts")
      .log(alert.state == AlertState::open ? Level::warn : Level::info,
           alert.state == AlertState::open ? "an alert opened" : "an alert has recovered",
           {{"alert", alert.id}, {"key", alert.key}, {"cause", alert.text.cause}});
}

}  // namespace

AlertRules alert_rules(const Settings& settings) {
  return {.after = seconds(settings.integer("PODPLAY_ALERT_AFTER")),
          .repeat = hours(settings.integer("PODPLAY_ALERT_REPEAT")),
          .least = parse_alert_severity(settings.text("PODPLAY_ALERT_LEVEL"))
                       .value_or(AlertSeverity::warning),
          .sends = !alert_ways(settings).empty()};
}

std::vector<std::string> alert_ways(const Settings& settings) {
  std::vector<std::string> ways;
  if (!settings.text("PODPLAY_ALERT_MAIL").empty()) {
    ways.emplace_back("mail");
  }
  if (!settings.secret("PODPLAY_ALERT_WEBHOOK").empty()) {
    ways.emplace_back("webhook");
  }
  return ways;
}

WeighedAlert weigh_alert(Alert alert, const AlertInput* input, bool seen, bool silenced,
                         const AlertRules& rules, WallTime now) {
  const AlertSeverity before = alert.severity;
  if (input != nullptr) {
    take_input(alert, *input, rules, now);
  } else if (!seen) {
    // Unseen is not well.
    alert.gone_since = {};
  } else if (alert.gone_since == WallTime{} || alert.gone_since > now) {
    alert.gone_since = now;
  }
  const bool gone = alert.gone_since != WallTime{};
  if (alert.state == AlertState::pending) {
    if (gone) {
      return {.alert = std::move(alert), .forget = true, .notice = {}};
    }
    if (input == nullptr || now < alert.first_seen + rules.after) {
      return {.alert = std::move(alert), .forget = false, .notice = {}};
    }
    alert.state = AlertState::open;
  }
  std::string notice;
  // One look is never enough: an agent may stop answering during it.
  if (gone && now > alert.gone_since && now >= alert.gone_since + alert.hold) {
    alert.state = AlertState::recovered;
    alert.recovered = now;
    // Who was told of the problem is told that it is over.
    notice = alert.notices > 0 ? "recovered" : "";
  } else if (!gone && !silenced) {
    notice = standing_notice(alert, alert.severity > before, rules, now);
  }
  if (!notice.empty()) {
    alert.notified = now;
    ++alert.notices;
  }
  return {.alert = std::move(alert), .forget = false, .notice = std::move(notice)};
}

Status weigh_alerts(Context& context, const AlertView& view) {
  const AlertRules rules = alert_rules(context.settings);
  const WallTime now = context.clock.now();
  std::map<std::string, const AlertInput*> inputs;
  for (const AlertInput& input : view.problems) {
    if (inputs.size() < kMostStanding) {
      inputs.emplace(input.key, &input);
    }
  }
  std::vector<std::pair<WeighedAlert, AlertState>> done;
  TRY(context.store.write<bool>([&](store::Transaction& transaction) -> Result<bool> {
    std::set<std::string> silenced;
    for (const AlertSilence& silence : store::list_alert_silences(transaction, now)) {
      silenced.insert(silence.key);
    }
    for (Alert& alert : store::list_standing_alerts(transaction)) {
      const auto found = inputs.find(alert.key);
      const AlertInput* const input = found == inputs.end() ? nullptr : found->second;
      const AlertState before = alert.state;
      const std::string key = alert.key;
      const bool seen = view.sees(key, alert.source);
      auto weighed = weigh_alert(std::move(alert), input, seen, silenced.contains(key), rules, now);
      keep(context, transaction, weighed, false);
      done.emplace_back(std::move(weighed), before);
      inputs.erase(key);
    }
    for (const auto& [key, input] : inputs) {
      Alert alert{.id = transaction.next("id"), .key = key, .first_seen = now};
      alert.severity = input->severity;
      auto weighed = weigh_alert(std::move(alert), input, true, silenced.contains(key), rules, now);
      keep(context, transaction, weighed, true);
      done.emplace_back(std::move(weighed), AlertState::pending);
    }
    const WallTime listed = now - days(context.settings.integer("PODPLAY_HEALTH_RETENTION"));
    store::delete_recovered_alerts(transaction, listed, kDeletedAtOnce);
    store::delete_ended_alert_silences(transaction, listed);
    return true;
  }));
  bool notices = false;
  for (const auto& [weighed, before] : done) {
    log_change(context, weighed, before);
    notices = notices || !weighed.notice.empty();
  }
  if (notices) {
    context.jobs.wake();
  }
  return {};
}

}  // namespace podplay::control
