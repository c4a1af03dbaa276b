// Takes the feed's rows from the link into the replica, and from there to the daemons. Rows that
// daemons look up are proven by asking for the first and the last row of a batch. Rows that daemons
// are told are applied and proven one by one (docs/pipe.md, "The feed").
#pragma once

#include <map>
#include <memory>
#include <optional>
#include <set>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include "agent/board.hpp"
#include "agent/lookups/ended_logins.hpp"
#include "agent/pipe/stages.hpp"
#include "agent/replica/replica.hpp"
#include "agent/stop_signal.hpp"
#include "base/clock.hpp"
#include "base/files.hpp"
#include "base/log.hpp"
#include "logs/current_request.hpp"

namespace podplay::agent {

// Owned by the follower's thread; open() is called before it starts.
class Feed {
 public:
  // The daemon to which a row belongs that cannot be applied because of its folder.
  static constexpr const char* kKeepsMail = "dovecot";

  struct Parts {
    const daemons::ServiceDescription& service;
    Stages& stages;
    Board& board;
    Files& files;
    Clock& clock;
    const StopSignal& stop;
    EndedLogins& ended_logins;
    // The request behind the rows that are being applied; the log names it.
    std::shared_ptr<logs::CurrentRequest> request = std::make_shared<logs::CurrentRequest>();
  };
  Feed(Parts parts, ReplicaOptions options, Logger log);

  // Opens the replica. A failure is only logged, so that people can still delete mail on a full
  // disk.
  void open();
  // True when the replica is new or was lost. Daemons that ran with it would reject all mail, so
  // they start only after the first sync. Constant after open().
  bool syncs_first() const { return syncs_first_; }
  // Opens the replica when open() could not. Fails with the code directory_empty when the replica
  // is open but not complete while daemons already run: they would reject all mail, so the agent
  // must start again.
  Status use();

  // The batch that an answer without rows stands for: nothing is newer than the replica, so it is
  // complete. Nothing when it was complete already.
  std::optional<FeedBatch> completion(Revision revision) const;
  // Writes a batch. True when the feed is of another generation, so that all rows come again and no
  // revision is settled.
  Result<bool> apply(const FeedBatch& batch);

  // True while there is more to tell or to prove, so that work() must be called again soon.
  bool is_busy() const { return !unseen_.empty() || busy_ || sessions_wait_; }
  // One turn of telling and proving. True when daemons serve every row of revisions after `settled`
  // that is not set aside; rows that are only checked again do not count.
  bool work(Revision settled);
  // The last revision whose rows are all in the replica; 0 without a replica.
  Revision revision() const { return replica_ ? replica_->revision() : 0; }
  // The rows that were set aside, or have recovered, since the last call.
  std::vector<SetAsideRow> take_set_aside() { return std::exchange(set_aside_, {}); }
  std::vector<SetAsideRow> take_recovered() { return std::exchange(recovered_, {}); }
  // Reads the whole replica once a minute while something fails (`stuck`: rows cannot be written).
  // Fails with the code directory_damaged when the file is damaged: daemons would hang or fail
  // without saying why.
  Status check(bool stuck);

 private:
  // The version of a row that is being told.
  struct Told {
    std::uint64_t seq = 0;
    // When its daemon, which was well, was first seen not to serve it.
    std::optional<SteadyTime> missed;
    // Since when it answers something else.
    std::optional<SteadyTime> answered;
  };
  using RowId = std::pair<RowKind, std::string>;

  Status open_replica();
  void note_ended(const Replica::Applied& applied);
  void end_sessions();
  bool has_lost_login(const daemons::OpenSession& session);
  // Sets aside the mailboxes that could not be applied.
  Status note_held_back(const FeedBatch& batch, const Replica::Applied& applied);
  Status wait_until_seen(const std::vector<FeedRow>& sample, SteadyTime deadline);
  Status prove_in_directory(const std::vector<FeedRow>& rows);
  Result<std::vector<FeedRow>> sample_of(const FeedBatch& batch);
  // Whether daemons look the row up in the replica, and can be asked about it.
  static bool is_looked_up(const FeedRow& row);
  // Whether daemons can be asked about the row now: it is looked up, its domain takes mail, and it
  // is not set aside.
  Result<bool> is_askable(const FeedRow& row);
  // A catch-all is of none, since nobody can ask for it.
  Result<bool> is_of_mail_domain(const FeedRow& row);
  bool prove_looked_up();
  // Forgets the unseen rows that this batch says otherwise, or whose history has ended.
  void forget_unseen(const FeedBatch& batch);
  // Forgets those whose domain takes no mail now.
  Status forget_not_askable();
  // Whether daemons have been well for so long that the unseen rows are to blame.
  bool is_unseen_overdue();
  // Sets aside each unseen row that a daemon does not answer for.
  Status set_aside_unseen();
  // One that a daemon does not answer for. The replica keeps it to be tried again.
  Status set_aside_looked_up(const FeedRow& row, const Error& why);

  bool tell_and_prove(Revision settled);
  // Challenges need no reload and wait for none: a certificate authority is about to look at them.
  bool tell_challenges(Revision settled);
  bool tell_others(Revision settled);
  Status take_turn(std::vector<FeedRow> rows, bool changed);
  // Whether each row replaces what its daemons serve already.
  Result<bool> all_replace(const std::vector<FeedRow>& rows);
  Status tell(std::vector<FeedRow>& rows);
  Status reload();
  // How much daemons are asked about rows: everything, little (Daemon::recheck_rows()), or little
  // about those that were proven before, which were told again only to check them.
  enum class Asks { all, little, new_only };
  Status prove(const std::vector<FeedRow>& rows, Asks asks);
  Status prove_for_a_while(std::span<const FeedRow> rows, Asks asks);
  Status note_proofs(const std::vector<FeedRow>& rows,
                     const std::vector<Stages::RowResult>& results);
  // True when a daemon that is well has not served the row in time.
  bool is_overdue(const FeedRow& row, const daemons::RowVerdict& verdict);
  // For a row that its daemon has not taken or does not serve: sets it aside, or leaves it for the
  // next turn.
  Status set_aside_or_wait(const FeedRow& row, const Stages::RowResult& result);
  Status set_aside(const FeedRow& row, const std::string& daemon, const std::string& reason);
  Status served(const FeedRow& row);
  // Tells the daemons which rows are served, and takes back what was refused.
  Status settle_rows();
  // For what was taken back when no other row is waiting.
  void reload_when_due();
  bool reload_is_due() const;
  // The row is set aside no longer.
  void recovered(const FeedRow& row);
  // What is not reported yet of the row.
  void forget_reports_of(const FeedRow& row);
  // Applies the looked-up rows among the rows again, asks for them, and leaves the others.
  Status try_looked_up(std::vector<FeedRow>& rows);
  void check_again_when_due();
  Status look_at_some();
  void show_set_aside();

  // Constant after construction.
  const Parts parts_;
  const ReplicaOptions options_;
  const Logger log_;

  // Owned by the follower's thread.
  bool syncs_first_ = false;
  // Null until it can be opened.
  std::unique_ptr<Replica> replica_;
  SteadyTime next_check_{};

  // Mailboxes and "@DOMAIN"s whose open sessions are to be ended, and app passwords.
  std::set<std::string> ending_;
  std::set<std::string> ending_app_passwords_;
  bool sessions_wait_ = false;

  // Looked-up rows for which no daemon has been seen to answer yet.
  std::vector<FeedRow> unseen_;
  // Since when daemons are well and do not answer for them.
  std::optional<SteadyTime> unseen_since_;

  // Rows that daemons are told.
  bool busy_ = false;
  std::map<RowId, Told> told_;
  SteadyTime last_reload_{};
  // Nothing: no row waits for a reload.
  std::optional<SteadyTime> reload_due_;
  SteadyTime next_full_check_{};
  SteadyTime next_retry_{};
  SteadyTime next_look_{};
  // The key after which look_at_some() goes on, by kind.
  std::map<RowKind, std::string> looked_at_;
  std::vector<SetAsideRow> set_aside_;
  std::vector<SetAsideRow> recovered_;
  std::set<RowId> is_set_aside_;
  // Rows that came to their end, which the daemons are not told yet.
  std::vector<FeedRow> ended_well_;
  std::vector<FeedRow> ended_badly_;
};

}  // namespace podplay::agent
