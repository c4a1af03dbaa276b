// What the store says was noted last is read once for each service, so that a control plane that
// starts again notes nothing twice. A look that fails is repeated a second later.
#include "control/watch/health/health_watch.hpp"

#include <fmt/format.h>
#include <pthread.h>

#include <algorithm>

#include "control/watch/health/history.hpp"

namespace podplay::control {
namespace {

using namespace std::chrono;

constexpr milliseconds kPause{1000};
// What is not well is asked again earlier.
constexpr seconds kSoon{10};
// After a daemon was started, until it has settled; and how often a start counts.
constexpr seconds kSettled{5};
constexpr seconds kStartsCount{60};
constexpr std::int64_t kRecalled = 200;
constexpr std::size_t kLongestCause = 500;
constexpr std::size_t kMostRepairs = 1000;

bool is_well(const std::vector<ServiceCheck>& checks) {
  return std::ranges::all_of(
      checks, [](const ServiceCheck& one) { return one.check.result == CheckResult::ok; });
}

bool has_failed(const std::vector<ServiceCheck>& checks) {
  return std::ranges::any_of(
      checks, [](const ServiceCheck& one) { return one.check.result == CheckResult::failed; });
}

std::string repair_key(std::int64_t at, const std::string& kind, const std::string& subject) {
  return fmt::format("{}|{}|{}", at, kind, subject);
}

// A daemon that starts is a warning for a moment: only what failed is worth a row.
bool is_worth_noting(const std::string& check, CheckResult before, CheckResult after) {
  const bool failure = before == CheckResult::failed || after == CheckResult::failed;
  return before != after && (failure || !check.starts_with("daemon-"));
}

}  // namespace

HealthWatch::HealthWatch(Context& context, std::vector<ControlQuestion> questions,
                         std::function<bool()> is_active)
    : context_(context),
      questions_(std::move(questions)),
      is_active_(std::move(is_active)),
      asked_(questions_.size()) {}

void HealthWatch::start() {
  thread_ = std::thread([this] { run(); });
}

void HealthWatch::stop() {
  {
    const std::scoped_lock lock(mutex_);
    stopping_ = true;
  }
  stopped_.notify_all();
  if (thread_.joinable()) {
    thread_.join();
  }
}

void HealthWatch::run() {
  // bench/health tells threads apart by their names.
  ::pthread_setname_np(::pthread_self(), "health");
  std::string said;
  for (;;) {
    {
      std::unique_lock lock(mutex_);
      if (stopped_.wait_for(lock, kPause, [this] { return stopping_; })) {
        return;
      }
    }
    Status looked;
    try {
      looked = look();
    } catch (const std::exception& error) {
      looked = fail(ErrorKind::internal, "defect", error.what());
    }
    const std::string why = looked ? "" : describe(looked.error());
    if (!why.empty() && why != said) {
      context_.log.with_component("api.health")
          .error("the history of health cannot be written", {{"why", why}});
    }
    said = why;
  }
}

Status HealthWatch::look() {
  ask_what_is_due();
  if (is_active_ && !is_active_()) {
    // Another one notes meanwhile.
    noted_.clear();
    return {};
  }
  return note(get_status(context_));
}

void HealthWatch::ask_what_is_due() {
  // What another configuration opened is found soon after a daemon was started with it.
  std::int64_t started = 0;
  for (const ServiceStatus& status : context_.hub.statuses()) {
    for (const DaemonStatus& daemon : status.daemons) {
      started += daemon.pid + daemon.since;
    }
  }
  const SteadyTime now = context_.clock.steady();
  if (started != started_) {
    started_ = started;
    for (std::size_t i = 0; i < questions_.size(); ++i) {
      if (questions_[i].name == "exposure" && asked_[i].at != SteadyTime{}) {
        asked_[i].due =
            std::min(asked_[i].due, std::max(asked_[i].at + kStartsCount, now + kSettled));
      }
    }
  }
  bool asked = false;
  for (std::size_t i = 0; i < questions_.size(); ++i) {
    if (now >= asked_[i].due) {
      ask(i);
      asked = true;
    }
  }
  if (!asked) {
    return;
  }
  std::vector<ServiceCheck> all;
  for (const Asked& one : asked_) {
    all.insert(all.end(), one.answers.begin(), one.answers.end());
  }
  context_.hub.set_checks(std::move(all));
}

void HealthWatch::ask(std::size_t index) {
  const ControlQuestion& question = questions_[index];
  Asked& asked = asked_[index];
  std::vector<ServiceCheck> answers;
  try {
    answers = question.ask(context_);
  } catch (const std::exception& defect) {
    context_.log.with_component("api.health")
        .error("a check of health has a defect",
               {{"check", question.name}, {"why", defect.what()}});
  }
  for (ServiceCheck& one : answers) {
    // A question that only passes answers on has set them.
    if (one.check.at == 0) {
      one.check.at = to_millis(context_.clock.now());
      one.check.interval = question.interval.count();
    }
  }
  const SteadyTime now = context_.clock.steady();
  asked.at = now;
  // A single failure is not believed: it is asked about once more at the next look.
  if (has_failed(answers) && !asked.doubted && !has_failed(asked.answers)) {
    asked.doubted = true;
    asked.due = now + kPause;
    return;
  }
  asked.doubted = false;
  asked.due = now + (is_well(answers) ? question.interval : std::min(question.interval, kSoon));
  asked.answers = std::move(answers);
}

// The newest rows of the service: its last state, the last results, and repairs.
Status HealthWatch::recall(const std::string& service, const std::string& host, Noted& noted) {
  TRY(const auto rows, context_.store.read<std::vector<HealthChange>>([&](store::Session& session) {
    return store::list_health_changes(session, {.service = service, .host = host}, 0, kRecalled);
  }));
  for (const HealthChange& row : rows) {
    if (row.kind == "state") {
      if (noted.health.empty()) {
        noted.health = row.after;
      }
    } else if (row.kind == "check") {
      noted.results.try_emplace(row.subject,
                                parse_check_result(row.after).value_or(CheckResult::ok));
    } else {
      noted.repairs.insert(repair_key(to_millis(row.at), row.kind, row.subject));
    }
  }
  return {};
}

void HealthWatch::note_checks(const std::vector<HealthCheck>& checks, const HealthChange& about,
                              Noted& noted, std::vector<HealthChange>& changes) {
  for (const HealthCheck& check : checks) {
    const auto found = noted.results.find(check.name);
    const CheckResult before = found == noted.results.end() ? CheckResult::ok : found->second;
    if (!is_worth_noting(check.name, before, check.result)) {
      continue;
    }
    noted.results[check.name] = check.result;
    HealthChange change = about;
    change.kind = "check";
    change.subject = check.name;
    change.before = to_text(before);
    change.after = to_text(check.result);
    change.cause = check.reason;
    changes.push_back(std::move(change));
  }
}

Status HealthWatch::note(const SystemStatus& status) {
  std::vector<HealthChange> changes;
  const WallTime now = context_.clock.now();
  std::map<std::string, Noted> after;
  const auto standing = [&](const std::string& service, const std::string& host,
                            Noted*& noted) -> Status {
    const std::string name = service + "@" + host;
    if (!noted_.contains(name)) {
      TRY(recall(service, host, noted_[name]));
    }
    noted = &(after[name] = noted_[name]);
    return {};
  };
  const auto note_health = [&](Noted& noted, HealthChange about, const std::string& health,
                               const std::vector<std::string>& reasons) {
    if (noted.health == health) {
      return;
    }
    about.kind = "state";
    about.before = noted.health;
    about.after = health;
    about.cause = reasons.empty() ? "every check passes" : reasons.front();
    noted.health = health;
    changes.push_back(std::move(about));
  };
  for (const ServiceStatus& service : status.services) {
    // Nothing is known yet of an agent that this program has not heard of.
    if (service.seen == 0 && service.state != "away") {
      continue;
    }
    const HealthChange about{.at = now,
                             .service = std::string(to_text(service.agent.service)),
                             .host = service.agent.host};
    Noted* noted = nullptr;
    TRY(standing(about.service, about.host, noted));
    if (noted->repairs.size() > kMostRepairs) {
      // Only what the agent still tells could come again.
      noted->repairs.clear();
      for (const SelfRepair& repair : service.repairs) {
        noted->repairs.insert(repair_key(repair.at, repair.kind, repair.subject));
      }
    }
    for (const SelfRepair& repair : service.repairs) {
      if (!noted->repairs.insert(repair_key(repair.at, repair.kind, repair.subject)).second) {
        continue;
      }
      HealthChange change = about;
      change.at = from_millis(repair.at);
      change.kind = repair.kind;
      change.subject = repair.subject;
      change.cause = repair.cause;
      changes.push_back(std::move(change));
    }
    // What an agent that is away said last may be so no more.
    if (service.state != "away") {
      std::vector<HealthCheck> checks = service.checks;
      for (const ServiceCheck& one : status.control.checks) {
        if (one.service == about.service) {
          checks.push_back(one.check);
        }
      }
      note_checks(checks, about, *noted, changes);
    }
    note_health(*noted, about, service.health, service.reasons);
  }
  const HealthChange about{
      .at = now, .service = "control", .host = context_.settings.text("PODPLAY_HOST_ID")};
  Noted* noted = nullptr;
  TRY(standing(about.service, about.host, noted));
  std::vector<HealthCheck> own;
  for (const ServiceCheck& one : status.control.checks) {
    if (one.service == "control") {
      own.push_back(one.check);
    }
  }
  note_checks(own, about, *noted, changes);
  note_health(*noted, about, status.control.health, status.control.reasons);
  if (changes.empty()) {
    return {};
  }
  for (HealthChange& change : changes) {
    change.cause = change.cause.substr(0, kLongestCause);
  }
  TRY(add_health_changes(context_, changes));
  for (auto& [name, one] : after) {
    noted_[name] = std::move(one);
  }
  return {};
}

}  // namespace podplay::control
