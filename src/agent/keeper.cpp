// The first look after a change comes quickly, and the pause doubles from look to look. When all is
// well, one look a minute is enough, since the supervisor wakes the keeper when a daemon dies.
#include "agent/keeper.hpp"

#include <algorithm>

#include "base/memory.hpp"

namespace podplay::agent {

using namespace std::chrono;

namespace {

// The pause between attempts to make the daemons' folders.
constexpr milliseconds kFirstPrepare{200};
constexpr milliseconds kLastPrepare{5000};
// The pause between looks when all is well.
constexpr seconds kLookInterval{60};
// The pause between looks after a change; it doubles from the first to the last.
constexpr milliseconds kFirstLook{50};
constexpr milliseconds kLastLook{5000};
// When memory is given back to the system: first after the start, then again and again.
constexpr seconds kFirstRelease{10};
constexpr seconds kReleaseInterval{60};

}  // namespace

Keeper::Keeper(Parts parts, Logger log)
    : parts_(parts), log_(std::move(log)), when_started_(start_.get_future().share()) {}

void Keeper::run(bool syncs_first) {
  if (!started_) {
    start(syncs_first);
  }
  look_now_and_then();
}

void Keeper::start(bool syncs_first) {
  prepare();
  if (syncs_first) {
    wait_for_directory();
  }
  if (!parts_.stages.start_current()) {
    log_.info("waiting for the first snapshot of the control plane");
    parts_.board.set_stage(std::string(to_text(Stage::fetch)),
                           "waiting for the first snapshot of the control plane");
  }
  release_memory();
  started_ = true;
  start_.set_value();
}

void Keeper::prepare() {
  parts_.board.set_stage("prepare", "making folders");
  milliseconds again = kFirstPrepare;
  for (;;) {
    const Status ready = parts_.stages.prepare();
    if (ready) {
      return;
    }
    log_.error("a daemon's folders cannot be prepared", {{"error", describe(ready.error())}});
    parts_.board.set_stage("prepare", ready.error().message);
    if (!parts_.stop.pause(again)) {
      return;
    }
    again = std::min(again * 2, kLastPrepare);
  }
}

// With only a part of the directory, Postfix would permanently reject mail to addresses that it
// does not know yet.
void Keeper::wait_for_directory() {
  // With an empty stage the board says how far the sync is.
  parts_.board.set_stage("", "");
  std::uint64_t seen = 0;
  while (!parts_.board.synced() && !parts_.stop.requested()) {
    seen = parts_.board.wait_for_change(seen, seconds{5});
  }
}

void Keeper::look_now_and_then() {
  std::uint64_t seen = 0;
  milliseconds next = kFirstLook;
  auto release_at = parts_.clock.steady() + kFirstRelease;
  bool released = false;
  while (!parts_.stop.requested()) {
    const bool well = parts_.board.status().state == "ready";
    milliseconds wait = next;
    if (well) {
      wait = released ? kLookInterval : kFirstRelease;
    }
    const std::uint64_t now = parts_.processes.wait_for_change(seen, wait);
    next = now == seen ? std::min(next * 2, kLastLook) : kFirstLook;
    seen = now;
    if (!parts_.stop.requested() && parts_.stages.look()) {
      late_success_ = true;
      parts_.board.touch();
    }
    if (well && parts_.clock.steady() > release_at) {
      release_memory();
      released = true;
      release_at = parts_.clock.steady() + kReleaseInterval;
    }
  }
}

}  // namespace podplay::agent
