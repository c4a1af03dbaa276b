// The directory's rows on their way from the link into the replica, and from there to the daemons:
// applied, then proven by asking a daemon for the first and the last of them.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "agent/board.hpp"
#include "agent/pipe/stages.hpp"
#include "agent/replica/mail_replica.hpp"
#include "agent/stop_signal.hpp"
#include "base/clock.hpp"
#include "base/files.hpp"
#include "base/log.hpp"

namespace podplay::agent {

// Owned by the follower's thread; open() is called before it starts. Without rows (has_directory is
// false) all of it does nothing.
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

  bool has_replica() const { return replica_ != nullptr; }
  // What an answer without rows means for a replica that is not complete: there is nothing newer
  // than what it has.
  std::optional<DirectoryBatch> completion(Revision revision) const;
  // True when the store was replaced, so that all rows come again and no revision is settled.
  Result<bool> apply(const DirectoryBatch& batch);

  // Applied rows that no daemon was seen to answer for yet.
  bool has_unproven() const { return !unproven_.empty(); }
  // Asks the daemons once for unproven rows; true when that proved them.
  bool prove();
  // Reads the whole replica once a minute while something fails (`stuck`: rows cannot be written).
  // The code of a damaged one is directory_damaged: it makes daemons hang or fail without a word.
  Status check(bool stuck);

 private:
  Status open_replica();
  void end_sessions(const std::vector<std::string>& mailboxes);
  Status wait_until_seen(const std::vector<DirectoryRow>& sample, SteadyTime deadline);
  std::vector<DirectoryRow> sample_of(const DirectoryBatch& batch);

  // Constant after construction.
  const Parts parts_;
  const ReplicaOptions options_;
  const Logger log_;

  // Owned by the follower's thread.
  bool syncs_first_ = false;
  // Null: no rows for this service, or it could not be opened yet.
  std::unique_ptr<MailReplica> replica_;
  std::vector<DirectoryRow> unproven_;
  SteadyTime next_check_{};
};

}  // namespace podplay::agent
