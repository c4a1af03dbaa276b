// Mail's replica of the looked-up rows: one SQLite file that Postfix and Dovecot read while it is
// written. WAL, so that readers never wait; they must be able to write the -wal and -shm files
// (docs/pipe.md), hence the group.
#pragma once

#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include "agent/replica/mail_folders.hpp"
#include "agent/replica/schema.hpp"
#include "agent/replica/statements.hpp"
#include "base/files.hpp"
#include "base/log.hpp"
#include "model/directory.hpp"

namespace podplay::agent {

struct ReplicaOptions {
  std::string path = "/data/service/directory/mail.db";
  // The group of the file and its folder; empty: ours.
  std::string group{};
  // Mail folders by e-mail address.
  std::string users = "/data/user-data/users";
  // Where the folders of deleted mailboxes go.
  std::string deleted = "/data/user-data/deleted";
};

// For use by one thread at a time. mail_replica.cpp opens the file, apply.cpp writes rows.
class MailReplica {
 public:
  // A damaged file is deleted and made anew.
  static Result<std::unique_ptr<MailReplica>> open(ReplicaOptions options, Files& files,
                                                   Logger log);
  MailReplica(const MailReplica&) = delete;
  MailReplica& operator=(const MailReplica&) = delete;

  // Rows are applied up to this sequence; 0: none yet.
  std::uint64_t seq() const { return state_.seq; }
  Revision revision() const { return state_.revision; }
  // A first sync has been through.
  bool complete() const { return state_.complete; }

  struct Applied {
    std::size_t rows = 0;
    // The store was replaced: ask again with seq().
    bool restarted = false;
    // Mailboxes whose logins ended: deleted, turned off, another password or owner. The caller ends
    // their sessions, and then calls put_aside_deleted(): an open session would make the folder
    // again.
    std::vector<std::string> ended{};
  };
  // Applies rows in transactions of at most 500. A batch whose seq is lower than ours says that the
  // store was replaced: nothing is applied, everything is to be fetched anew (from seq 0), and
  // readers keep what they have until that is complete.
  Result<Applied> apply(const DirectoryBatch& batch);
  // Moves the mail folders of deleted mailboxes away. One that cannot be moved is logged, and tried
  // again at the next start.
  Status put_aside_deleted();
  // See check_replica().
  Status check() const;
  // Whether mail for this domain is taken.
  bool has_domain(const std::string& domain);

  // For another process than the agent: Dovecot says that a mailbox is nine tenths full, or no
  // longer.
  static Status mark_nearly_full(const std::string& path, const std::string& email, bool full);

 private:
  // The row of the table `meta`.
  struct State {
    std::uint64_t seq = 0;
    Revision revision = 0;
    bool complete = false;
    bool resync = false;
    bool operator==(const State&) const = default;
  };

  MailReplica(ReplicaOptions options, Files& files, Logger log);

  Status connect();
  Status prepare_folder();
  Status load_state();
  Status begin_resync();
  Status apply_rows(std::span<const DirectoryRow> rows, const State& after, bool sweep,
                    Applied& applied);
  Status write_rows(std::span<const DirectoryRow> rows, const State& after, bool sweep,
                    Applied& applied);
  Status apply_row(const DirectoryRow& row, Applied& applied);
  Status apply_domain(const DirectoryRow& row);
  Status apply_mailbox(const DirectoryRow& row, Applied& applied);
  Status apply_alias(const DirectoryRow& row);
  Status make_room(const DirectoryRow& row, Applied& applied);
  template <class... Values>
  Status write(Sql sql, const Values&... values);

  const ReplicaOptions options_;
  Files& files_;
  const Logger log_;
  MailFolders folders_;
  Database database_;
  Statements statements_;
  State state_;
};

}  // namespace podplay::agent
