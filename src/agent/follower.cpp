// Answers are handled one after the other, in the order of the revisions. A revision is settled
// (applied or refused) when its snapshot went through the pipe and its rows are proven. The control
// plane sends an unsettled revision again.
#include "agent/follower.hpp"

#include <algorithm>

#include "base/memory.hpp"

namespace podplay::agent {

using namespace std::chrono;

namespace {

// The pause between turns while the link is away; it doubles from the first to the last.
constexpr milliseconds kFirstPause{100};
constexpr milliseconds kLastPause{5000};
// The pause between turns while rows are told to daemons and asked for.
constexpr milliseconds kProvePause{20};
// After an answer with more rows than this, memory is given back to the system.
constexpr std::size_t kManyRows = 100;

}  // namespace

Follower::Follower(Parts parts, int poll_wait, Logger log, Logger link_log)
    : parts_(std::move(parts)),
      poll_wait_(poll_wait),
      log_(std::move(log)),
      link_(parts_.identity, parts_.board, std::move(link_log)),
      outbox_(link_) {}

void Follower::run() {
  settled_ = parts_.feed.revision();
  milliseconds pause = kFirstPause;
  while (!parts_.stop.requested()) {
    if (turn()) {
      pause = kFirstPause;
      continue;
    }
    if (!parts_.stop.pause(pause)) {
      return;
    }
    pause = std::min(pause * 2, kLastPause);
  }
}

bool Follower::turn() {
  if (!use_feed()) {
    return false;
  }
  report_late_success();
  const bool told = outbox_.flush();
  const bool again = retry_.due(parts_.clock.steady());
  const wire::WorkQuestion question = parts_.questions.make(wait_for(told), again);
  auto work = link_.ask(question);
  if (!work) {
    return false;
  }
  parts_.questions.set_told(question.status);
  handle(*work);
  if (parts_.feed.work(settled_) && held_) {
    settle(*std::exchange(held_, std::nullopt));
  }
  if (const Status sound = parts_.feed.check(stuck_); !sound) {
    parts_.end(sound.error());
    return false;
  }
  if (parts_.board.proven()) {
    parts_.stages.warm_up();
  }
  if (parts_.feed.is_busy()) {
    parts_.stop.pause(kProvePause);
  }
  // When a report cannot be sent or rows cannot be written, asking again at once does not help.
  return told && !stuck_;
}

bool Follower::use_feed() {
  const Status usable = parts_.feed.use();
  if (usable) {
    return true;
  }
  if (usable.error().code == "directory_empty") {
    parts_.end(usable.error());
  }
  parts_.board.set_stage("directory", usable.error().message);
  return false;
}

// Seconds of the next long-poll. After the link was away, an answer at once tells that it is back:
// commands are fetched only then.
int Follower::wait_for(bool told) const {
  if (!told || stuck_ || !parts_.board.figures.linked) {
    return 0;
  }
  return parts_.feed.is_busy() ? 0 : poll_wait_;
}

void Follower::handle(wire::WorkAnswer& work) {
  const auto began = parts_.clock.steady();
  if (!work.feed) {
    work.feed = parts_.feed.completion(work.revision);
  }
  stuck_ = false;
  if (!work.snapshot && !work.feed && work.revision <= settled_) {
    return;
  }
  if (!work.request.empty()) {
    parts_.request->begin(work.request);
  }
  bool whole = true;
  if (work.feed) {
    whole = work.feed->complete;
    if (!take_rows(work)) {
      return;
    }
  }
  // The next answer brings the rest of the directory, and the snapshot again.
  if (!parts_.board.synced()) {
    parts_.board.set_stage("", "");
    return;
  }
  parts_.keeper.wait_until_started();
  const auto& refusal = retry_.refusal();
  if (refusal && !work.snapshot && !work.snapshot_hash.empty() &&
      work.revision > refusal->revision) {
    // A newer revision leads to the snapshot that was refused: it is tried once more before the
    // revision is settled.
    retry_.make_due(parts_.clock.steady());
    return;
  }
  std::optional<ApplyReport> report;
  if (work.snapshot) {
    report = take_snapshot(work);
    if (!report) {
      return;
    }
  }
  if (!report && whole && work.revision > settled_) {
    if (!retry_.refusal()) {
      parts_.board.set_revision(work.revision);
    }
    report = applied(work.revision);
  }
  if (report && (whole || report->state == ApplyState::refused)) {
    if (parts_.feed.work(settled_)) {
      held_.reset();
      settle(*report);
    } else {
      held_ = report;
    }
  }
  if (work.snapshot || (work.feed && work.feed->rows.size() > kManyRows)) {
    release_memory();
  }
  const auto took = duration_cast<milliseconds>(parts_.clock.steady() - began);
  log_.debug("work done",
             {{"revision", work.revision}, {"request", work.request}, {"ms", took.count()}});
}

bool Follower::take_rows(const wire::WorkAnswer& work) {
  const auto restarted = parts_.feed.apply(*work.feed);
  if (!restarted) {
    log_.error("directory rows cannot be written; trying again",
               {{"revision", work.revision}, {"error", describe(restarted.error())}});
    parts_.board.set_stage("directory", restarted.error().message);
    stuck_ = true;
    return false;
  }
  if (*restarted) {
    settled_ = 0;
  }
  return true;
}

// Nothing when the agent stops.
std::optional<ApplyReport> Follower::take_snapshot(const wire::WorkAnswer& work) {
  log_.info("snapshot received", {{"revision", work.revision},
                                  {"request", work.request},
                                  {"hash", work.snapshot_hash.substr(0, 12)}});
  auto report = parts_.stages.apply(*work.snapshot, work.snapshot_hash);
  if (!report) {
    return std::nullopt;
  }
  parts_.questions.set_seen(work.snapshot_hash);
  report->revision = std::max(report->revision, work.revision);
  if (report->state == ApplyState::refused) {
    retry_.refused(*report, parts_.clock.steady());
  } else {
    retry_.forget();
  }
  return report;
}

ApplyReport Follower::applied(Revision revision) const {
  return {.revision = revision,
          .state = ApplyState::applied,
          .stage = Stage::report,
          .daemon = "",
          .message = "",
          .running = parts_.board.revision()};
}

void Follower::settle(const ApplyReport& report) {
  settled_ = std::max(settled_, report.revision);
  ApplyReport whole = report;
  whole.set_aside = parts_.feed.take_set_aside();
  whole.recovered = parts_.feed.take_recovered();
  outbox_.send(whole);
}

// Reports a first release that missed its deadline and got well afterwards.
void Follower::report_late_success() {
  if (!parts_.keeper.take_late_success() || !retry_.refusal()) {
    return;
  }
  const Revision revision = retry_.refusal()->revision;
  retry_.forget();
  settle(applied(revision));
}

}  // namespace podplay::agent
