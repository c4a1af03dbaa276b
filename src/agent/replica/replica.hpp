// An agent's copy of its service's rows, with how far it has followed the feed, in one SQLite file.
// Mail's rows that are looked up become tables of their own, which Dovecot's auth reads while they
// are written (WAL, so that readers never wait). Rows that a daemon must be told are kept as rows,
// each with the content that the daemon serves.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "agent/replica/mail_folders.hpp"
#include "agent/replica/owners.hpp"
#include "agent/replica/schema.hpp"
#include "agent/replica/statements.hpp"
#include "base/files.hpp"
#include "base/log.hpp"
#include "daemons/rows.hpp"
#include "model/feed.hpp"
#include "model/report.hpp"

namespace podplay::agent {

struct ReplicaOptions {
  std::string path = "/data/service/replica/replica.db";
  // The group of the file and its folder: readers need write permission on -wal and -shm. Empty
  // means the agent's own.
  std::string group{};
  // Mail folders by e-mail address.
  std::string users = "/data/user-data/users";
  // Where the folders of deleted mailboxes go.
  std::string deleted = "/data/user-data/deleted";
  // The file that says whom each mailbox belongs to, on the volume of the mail. Empty when this
  // service keeps no mail.
  std::string owners{};
};

// For use by one thread at a time. replica.cpp opens the file, apply.cpp writes what the feed says,
// rows.cpp keeps what the daemons serve.
class Replica final : public daemons::RowSource {
 public:
  // A damaged file is deleted and made again. When the mail and the file name different owners,
  // all rows are fetched again.
  static Result<std::unique_ptr<Replica>> open(ReplicaOptions options, Files& files, Logger log);
  Replica(const Replica&) = delete;
  Replica& operator=(const Replica&) = delete;

  const FeedPosition& position() const { return state_.position; }
  Revision revision() const { return state_.revision; }
  // Why all rows are fetched again; empty: the file that was there is used.
  const std::string& damage() const { return damage_; }
  // Whether a first sync is complete.
  bool complete() const { return state_.complete; }
  // Whether rows of another generation are coming in.
  bool resyncs() const { return state_.resync; }

  struct Applied {
    std::size_t rows = 0;
    // True when the feed is of another generation: everything comes again, from the beginning.
    bool restarted = false;
    // The mailboxes whose logins ended: they were deleted or turned off, or got another password or
    // owner; and "@DOMAIN" for each domain that was deleted or turned off. The caller ends their
    // sessions, and then calls put_aside_deleted(): an open session would make the folder again.
    std::vector<std::string> ended{};
    // App passwords that were revoked: id and mailbox.
    std::vector<std::pair<std::string, std::string>> ended_app_passwords{};
    // True after a resync: mailboxes that it did not name are gone as well, see may_log_in().
    bool swept = false;
    // A mailbox whose folder still holds the mail of an earlier owner, which cannot be moved.
    struct HeldBack {
      FeedRow row;
      std::string why;
    };
    // The caller sets them aside. Until try_again() these mailboxes take no mail and no login.
    std::vector<HeldBack> held_back{};
  };
  // Applies rows in transactions of at most 500. A batch of another generation begins a resync:
  // readers keep their rows until its last batch is in, and then lose those that no batch named.
  Result<Applied> apply(const FeedBatch& batch);
  // Keeps a looked-up row for try_again(), so that it can be set aside. The look-ups go on as they
  // are.
  Status keep(const FeedRow& row);
  // Applies a looked-up row once more; fails while it still cannot be applied.
  Status try_again(const FeedRow& row);
  // Moves the mail folders of deleted mailboxes away. One that cannot be moved is logged, and tried
  // again at the next start.
  Status put_aside_deleted();
  // See check_database().
  Status check() const;
  // Whether mail for this domain is taken.
  Result<bool> has_domain(const std::string& domain);
  // Whether this mailbox may log in: it is enabled, and its domain as well.
  Result<bool> may_log_in(const std::string& mailbox);

  // The rows that daemons must be told, in order of sequence, without those that are set aside.
  // changed() gives rows of revisions after `settled` and rows that no daemon was seen to serve.
  // unproven() gives all rows that are not known to be served now, such as every row after
  // begin_checking(). RRsets come with their zone, not by themselves. Challenges come apart from
  // all others, so that they wait for none.
  enum class Rows { others, challenges };
  Result<std::vector<FeedRow>> changed(Revision settled, std::int64_t limit,
                                       Rows which = Rows::others);
  Result<std::vector<FeedRow>> unproven(std::int64_t limit, Rows which = Rows::others);
  Result<std::vector<daemons::KeptRow>> rows(RowKind kind, const std::string& prefix) override;
  // Records that the daemon serves the row as it is, or no longer serves it when it was deleted. A
  // zone counts with its RRsets. Does nothing when the row has changed since.
  Status mark_served(const FeedRow& row);
  // Whether a daemon was seen to serve the row as it is.
  Result<bool> was_served(const FeedRow& row);
  // Whether a daemon was seen to serve the row, as it is or as it was before.
  Result<bool> was_ever_served(const FeedRow& row);
  // Postfix looks up which certificate to show for a name: that of this row; or that of what the
  // row said when it was served last, and none when it never was.
  Status present(const FeedRow& row);
  Status present_served(const FeedRow& row);
  // Records that the daemon did not take the row. It is left out of unproven() until it changes, or
  // until retry_set_aside().
  Status set_aside(const FeedRow& row, const std::string& daemon, const std::string& reason);
  Status retry_set_aside();
  // At most `limit` rows that are set aside, in order of sequence; count_set_aside() says how many
  // there are.
  Result<std::vector<SetAsideRow>> set_aside_rows(std::int64_t limit);
  Result<std::uint64_t> count_set_aside();
  // Marks every row to be checked again: at the start and once a day, in case a daemon has lost
  // one.
  Status begin_checking();
  // Records that a daemon does not serve the row any more, or serves something else.
  Status doubt(const FeedRow& row);
  // At most `limit` rows of this kind whose keys come after `after`, to check a few in turn.
  Result<std::vector<FeedRow>> some_rows(RowKind kind, const std::string& after,
                                         std::int64_t limit);

 private:
  // The row of the table `meta`.
  struct State {
    FeedPosition position{};
    Revision revision = 0;
    bool complete = false;
    bool resync = false;
  };

  Replica(ReplicaOptions options, Files& files, Logger log);

  Status connect();
  Status compare_owners();
  Status prepare_folder();
  Status remove_link(const std::string& path);
  Status load_state();
  Status begin_resync(const FeedBatch& batch);
  Status apply_rows(std::span<const FeedRow> rows, const State& after, bool sweep,
                    Applied& applied);
  Status write_rows(std::span<const FeedRow> rows, const State& after, bool sweep,
                    Applied& applied);
  Status apply_row(const FeedRow& row, Applied& applied);
  Status apply_domain(const FeedRow& row, Applied& applied);
  Status apply_mailbox(const FeedRow& row, Applied& applied);
  Status apply_app_password(const FeedRow& row, Applied& applied);
  Status apply_alias(const FeedRow& row);
  Status apply_certificate(const FeedRow& row);
  Status keep_row(const FeedRow& row);
  // False: the folder of an earlier owner is in the way, and `applied` says so.
  Result<bool> make_room(const FeedRow& row, Applied& applied);
  Result<bool> put_aside(const FeedRow& row, const std::string& revision, Applied& applied);
  Status put_state(const State& state);
  template <class... Values>
  Status write(Sql sql, const Values&... values);

  // Constant after construction.
  const ReplicaOptions options_;
  Files& files_;
  const Logger log_;
  MailFolders folders_;

  // Owned by the thread that calls.
  std::optional<Owners> owners_;
  Database database_;
  Statements statements_;
  State state_;
  // Owned by the calling thread, set by open().
  std::string damage_;
};

}  // namespace podplay::agent
