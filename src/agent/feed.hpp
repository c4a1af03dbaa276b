// The feed's rows on their way from the link into the replica, and from there to the daemons: what
// daemons look up is proven by asking for the first and the last row of a batch, what they are told
// is applied and proven row by row (docs/pipe.md, "The feed").
#pragma once

#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "agent/board.hpp"
#include "agent/pipe/stages.hpp"
#include "agent/replica/replica.hpp"
#include "agent/stop_signal.hpp"
#include "base/clock.hpp"
#include "base/files.hpp"
#include "base/log.hpp"

namespace podplay::agent {

// Owned by the follower's thread; open() is called before it starts.
class Feed {
 public:
  struct Parts {
    const daemons::ServiceDescription& service;
    Stages& stages;
    Board& board;
    Files& files;
    Clock& clock;
    const StopSignal& stop;
  };
  Feed(Parts parts, ReplicaOptions options, Logger log);

  // Opens the replica; a failure is logged only: people must be able to delete mail on a full disk.
  void open();
  // The replica is new or was lost: daemons that ran with it would turn everybody's mail away, so
  // they start only when the first sync is through. Constant after open().
  bool syncs_first() const { return syncs_first_; }
  // Opens the replica now when open() could not. The code is directory_empty when it is open, but
  // daemons run already and would refuse everybody's mail: the agent must start anew.
  Status use();

  // What an answer without rows means for a replica that is not complete: there is nothing newer
  // than what it has.
  std::optional<FeedBatch> completion(Revision revision) const;
  // True when the feed is of another generation, so that all rows come again and no revision is
  // settled.
  Result<bool> apply(const FeedBatch& batch);

  // There is more to tell or to prove: work() is to be called again soon.
  bool is_busy() const { return !unseen_.empty() || busy_; }
  // One turn of telling and proving. True when daemons serve every row of revisions after `settled`
  // that is not set aside; rows that are only looked at again hold up nothing.
  bool work(Revision settled);
  // Up to here everything was in the replica when it was opened.
  Revision revision() const { return replica_ ? replica_->revision() : 0; }
  // Set aside, and recovered, since it was asked last.
  std::vector<SetAsideRow> take_set_aside() { return std::exchange(set_aside_, {}); }
  std::vector<SetAsideRow> take_recovered() { return std::exchange(recovered_, {}); }
  // Reads the whole replica once a minute while something fails (`stuck`: rows cannot be written).
  // The code of a damaged one is directory_damaged: it makes daemons hang or fail without a word.
  Status check(bool stuck);

 private:
  // Which row, as it was when it was first told.
  struct Told {
    std::uint64_t seq = 0;
    SteadyTime since{};
  };
  using RowId = std::pair<RowKind, std::string>;

  Status open_replica();
  void end_sessions(const std::vector<std::string>& mailboxes);
  Status wait_until_seen(const std::vector<FeedRow>& sample, SteadyTime deadline);
  Result<std::vector<FeedRow>> sample_of(const FeedBatch& batch);
  Result<bool> is_askable(const FeedRow& row);
  bool prove_looked_up();

  bool tell_and_prove(Revision settled);
  Status take_turn(std::vector<FeedRow> rows);
  Status tell(std::vector<FeedRow>& rows);
  bool gathers() const;
  Status reload();
  Status prove(const std::vector<FeedRow>& rows);
  // Too long for a row that its daemon could serve by now.
  bool is_overdue(const FeedRow& row);
  // Of a row that its daemon has not taken or does not serve: set aside, or tried again.
  Status set_aside_or_wait(const FeedRow& row, const Stages::RowResult& result);
  Status set_aside(const FeedRow& row, const std::string& daemon, const std::string& reason);
  Status served(const FeedRow& row);
  void check_again_when_due();
  Status look_at_some();
  void show_set_aside();

  // Constant after construction.
  const Parts parts_;
  const ReplicaOptions options_;
  const Logger log_;

  // Owned by the follower's thread.
  bool syncs_first_ = false;
  // Null: it could not be opened yet.
  std::unique_ptr<Replica> replica_;
  SteadyTime next_check_{};

  // Looked-up rows that no daemon was seen to answer for.
  std::vector<FeedRow> unseen_;

  // Rows that daemons are told.
  bool busy_ = false;
  std::map<RowId, Told> told_;
  SteadyTime last_reload_{};
  // Nothing: no row waits for a reload.
  std::optional<SteadyTime> reload_due_;
  SteadyTime next_full_check_{};
  SteadyTime next_retry_{};
  SteadyTime next_look_{};
  // Where look_at_some() goes on, by kind.
  std::map<RowKind, std::string> looked_at_;
  std::vector<SetAsideRow> set_aside_;
  std::vector<SetAsideRow> recovered_;
  std::set<RowId> is_set_aside_;
};

}  // namespace podplay::agent
