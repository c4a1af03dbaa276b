// A change of a daemon's state asks the question about daemons at once; the others wait for their
// time.
#include <fmt/format.h>
#include <pthread.h>

#include <algorithm>

#include "agent/checks/checks.hpp"

namespace podplay::agent {
namespace {

using namespace std::chrono;

// The pause before a failure is asked about again.
constexpr seconds kDoubt{1};
// What failed is asked again earlier, so that its end is seen soon.
constexpr seconds kSoon{5};
// The thread sees a stop within this time.
constexpr milliseconds kLongestWait{1000};
// The question that a change of a daemon asks at once.
constexpr std::string_view kDaemons = "daemons";

bool has_failure(const std::vector<HealthCheck>& checks) {
  return std::ranges::any_of(
      checks, [](const HealthCheck& check) { return check.result == CheckResult::failed; });
}

}  // namespace

CheckRunner::CheckRunner(Parts parts, std::vector<CheckQuestion> questions, Logger log)
    : parts_(std::move(parts)),
      questions_(std::move(questions)),
      log_(std::move(log)),
      asked_(questions_.size()) {}

void CheckRunner::run() {
  // bench/health tells threads apart by their names.
  ::pthread_setname_np(::pthread_self(), "checks");
  std::uint64_t seen = 0;
  milliseconds wait{0};
  while (!parts_.stop.requested()) {
    const std::uint64_t now = parts_.processes.wait_for_change(seen, wait);
    const bool changed = now != seen;
    seen = now;
    if (parts_.stop.requested() || parts_.processes.stopping()) {
      return;
    }
    wait = std::min(turn(changed), kLongestWait);
  }
}

milliseconds CheckRunner::turn(bool changed) {
  note_ended();
  bool asked = false;
  const SteadyTime now = parts_.tools.clock.steady();
  SteadyTime next = now + kLongestWait;
  for (std::size_t i = 0; i < questions_.size(); ++i) {
    if (now >= asked_[i].due || (changed && questions_[i].name == kDaemons)) {
      ask(i);
      asked = true;
    }
    next = std::min(next, asked_[i].due);
  }
  if (asked) {
    std::vector<HealthCheck> all;
    for (const Asked& one : asked_) {
      all.insert(all.end(), one.answers.begin(), one.answers.end());
    }
    parts_.board.set_checks(std::move(all));
  }
  return std::max(duration_cast<milliseconds>(next - parts_.tools.clock.steady()),
                  milliseconds{10});
}

void CheckRunner::ask(std::size_t index) {
  const CheckQuestion& question = questions_[index];
  Asked& asked = asked_[index];
  std::vector<HealthCheck> answers;
  try {
    answers = question.ask(parts_.tools);
  } catch (const std::exception& defect) {
    log_.error("a check of health has a defect",
               {{"check", question.name}, {"why", defect.what()}});
  }
  const SteadyTime now = parts_.tools.clock.steady();
  const std::int64_t at = to_millis(parts_.tools.clock.now());
  for (HealthCheck& answer : answers) {
    answer.at = at;
    answer.interval = question.interval.count();
  }
  // What was failed before, or is seen a second time, needs no doubt.
  if (has_failure(answers) && !asked.doubted && !has_failure(asked.answers)) {
    asked.doubted = true;
    asked.due = now + kDoubt;
    return;
  }
  for (const HealthCheck& answer : answers) {
    if (answer.result != CheckResult::failed) {
      continue;
    }
    const auto before = std::ranges::find(asked.answers, answer.name, &HealthCheck::name);
    if (before == asked.answers.end() || before->result != CheckResult::failed) {
      log_.warn("a check of health failed", {{"check", answer.name}, {"reason", answer.reason}});
    }
  }
  asked.doubted = false;
  // No answer: the question makes no sense yet, such as that for ports before the first release.
  const bool soon = answers.empty() || has_failure(answers);
  asked.due = now + (soon ? std::min(question.interval, kSoon) : question.interval);
  asked.answers = std::move(answers);
}

void CheckRunner::note_ended() {
  for (const supervise::ProcessStatus& daemon : parts_.processes.statuses()) {
    std::int64_t& known = ended_[daemon.name];
    if (daemon.last_exit_at == 0 || daemon.last_exit_at == known) {
      continue;
    }
    known = daemon.last_exit_at;
    std::string cause = daemon.last_exit;
    if (!daemon.last_words.empty()) {
      cause += ": " + daemon.last_words.substr(daemon.last_words.rfind('\n') + 1).substr(0, 300);
    }
    parts_.board.note_repair({.at = daemon.last_exit_at,
                              .kind = "daemon_restarted",
                              .subject = daemon.name,
                              .cause = std::move(cause)});
  }
}

std::vector<CheckQuestion> questions_of(ServiceName service) {
  std::vector<CheckQuestion> questions{ask_release(), ask_daemons(), ask_volumes(), ask_memory(),
                                       ask_ports(service)};
  switch (service) {
    case ServiceName::apache: questions.push_back(ask_certificate()); break;
    case ServiceName::bind: questions.push_back(ask_zones()); break;
    case ServiceName::mail:
      questions.push_back(ask_certificate());
      questions.push_back(ask_queue());
      questions.push_back(ask_directory());
      break;
  }
  return questions;
}

}  // namespace podplay::agent
