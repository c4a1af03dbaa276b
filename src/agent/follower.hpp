// The long-poll: asks the control plane for work, hands snapshots to the pipe and rows to the feed,
// and reports the results.
#pragma once

#include <functional>
#include <optional>

#include "agent/feed.hpp"
#include "agent/keeper.hpp"
#include "agent/link.hpp"
#include "agent/outbox.hpp"
#include "agent/questions.hpp"
#include "agent/retry.hpp"

namespace podplay::agent {

class Follower {
 public:
  struct Parts {
    Identity& identity;
    Stages& stages;
    Keeper& keeper;
    Feed& feed;
    Questions& questions;
    Board& board;
    Clock& clock;
    const StopSignal& stop;
    // Ends the agent with this reason, so that it is started again.
    std::function<void(const Error&)> end;
    // The request behind the work that is being done; the log names it.
    std::shared_ptr<logs::CurrentRequest> request = std::make_shared<logs::CurrentRequest>();
  };
  // `poll_wait`: seconds of one long-poll.
  Follower(Parts parts, int poll_wait, Logger log, Logger link_log);

  // The follower's thread.
  void run();

 private:
  // One question and its answer. False means: pause before the next one.
  bool turn();
  bool use_feed();
  int wait_for(bool told) const;
  void handle(wire::WorkAnswer& work);
  // False when rows could not be written. Then nothing of the answer is settled, and all of it
  // comes again.
  bool take_rows(const wire::WorkAnswer& work);
  std::optional<ApplyReport> take_snapshot(const wire::WorkAnswer& work);
  ApplyReport applied(Revision revision) const;
  void settle(const ApplyReport& report);
  void report_late_success();

  // Constant after construction.
  const Parts parts_;
  const int poll_wait_;
  const Logger log_;

  // Owned by the follower's thread.
  Link link_;
  Outbox outbox_;
  Retry retry_;
  // Everything up to this revision was applied or refused.
  Revision settled_ = 0;
  // A report that is sent when the rows that came with it are proven.
  std::optional<ApplyReport> held_;
  // True while rows cannot be written.
  bool stuck_ = false;
};

}  // namespace podplay::agent
