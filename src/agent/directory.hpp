// The replica of the looked-up tables: one SQLite file that Postfix and Dovecot read while it is
// written. WAL, so that readers never wait; they must be able to write the -wal and -shm files
// (docs/pipe.md), hence the group.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "base/files.hpp"
#include "base/log.hpp"
#include "model/directory.hpp"

struct sqlite3;

namespace podplay::agent {

struct DirectoryOptions {
  std::string path = "/data/service/directory/mail.db";
  // of the file and its folder; empty: ours
  std::string group{};
  // mail folders by e-mail address
  std::string users = "/data/user-data/users";
  // where those of deleted mailboxes go
  std::string deleted = "/data/user-data/deleted";
};

// For use by one thread at a time.
class Directory {
 public:
  static Result<std::unique_ptr<Directory>> open(DirectoryOptions options, Files& files,
                                                 Logger log);
  ~Directory();
  Directory(const Directory&) = delete;
  Directory& operator=(const Directory&) = delete;

  // applied up to here; 0: nothing yet
  std::uint64_t seq() const { return seq_; }
  Revision revision() const { return revision_; }
  // a first sync has been through
  bool complete() const { return complete_; }

  // Applies rows in transactions of at most 500. A batch whose seq is lower than ours says that the
  // store was replaced: nothing is applied, everything is to be fetched anew (from seq 0), and
  // readers keep what they have until that is complete.
  struct Applied {
    std::size_t rows = 0;
    // ask again with seq()
    bool restarted = false;
    // Mailboxes whose logins ended: deleted, turned off, another password or owner. Whoever keeps
    // sessions ends them, and then calls put_aside_deleted(): an open session would make the folder
    // again.
    std::vector<std::string> ended{};
  };
  Result<Applied> apply(const DirectoryBatch& batch);
  // Moves the mail folders of deleted mailboxes away. One that cannot be moved is said and tried
  // again at the next start.
  Status put_aside_deleted();
  // Reads all of the file through a connection of its own; code directory_damaged: open() would
  // make a new one. What cannot be read for another reason is no damage.
  Status check() const;
  // Beside the agent that keeps the file: Dovecot says that a mailbox is nine tenths full, or no
  // more.
  static Status mark_nearly_full(const std::string& path, const std::string& email, bool full);
  // Whether mail for this domain is taken.
  bool has_domain(const std::string& domain);
  // The same, when something else told that the store was replaced.
  Status begin_resync();

 private:
  class Statement;
  Directory(DirectoryOptions options, Files& files, Logger log);

  Status connect();
  Status prepare_folder();
  Status prepare_tables();
  Status bring_up_to_date();
  Status load_state();
  Status prepare_statements();
  Status apply_rows(const DirectoryRow* rows, std::size_t count, std::uint64_t seq, bool last,
                    const DirectoryBatch& batch, Applied& applied);
  Status apply_row(const DirectoryRow& row, Applied& applied);
  Status make_room(const DirectoryRow& row, Applied& applied);
  Status put_aside(const std::string& email, const std::string& revision);
  Status execute(const char* sql);

  DirectoryOptions options_;
  Files& files_;
  Logger log_;
  sqlite3* database_ = nullptr;
  std::vector<std::unique_ptr<Statement>> statements_;
  std::uint64_t seq_ = 0;
  Revision revision_ = 0;
  bool complete_ = false;
  bool resync_ = false;
};

}  // namespace podplay::agent
