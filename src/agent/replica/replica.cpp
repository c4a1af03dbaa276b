// Opens the file, and answers questions that are not about rows. An open file is sound: its mode
// was right before SQLite saw it, its tables fit the statements, all of it has been read once, and
// the mail belongs to those whom it names.
#include "agent/replica/replica.hpp"

#include <fmt/format.h>
#include <unistd.h>

#include <array>
#include <filesystem>

#include "agent/replica/check.hpp"
#include "base/numbers.hpp"
#include "daemons/folders.hpp"

namespace podplay::agent {

Replica::Replica(ReplicaOptions options, Files& files, Logger log)
    : options_(std::move(options)),
      files_(files),
      log_(std::move(log)),
      folders_(options_.users, options_.deleted, files, log_),
      database_(options_.path) {
  if (!options_.owners.empty()) {
    owners_.emplace(options_.owners);
  }
}

Result<std::unique_ptr<Replica>> Replica::open(ReplicaOptions options, Files& files, Logger log) {
  std::unique_ptr<Replica> replica(new Replica(std::move(options), files, std::move(log)));
  Status ready = replica->connect();
  if (!ready && ready.error().code == kDirectoryDamaged) {
    replica->log_.error("the directory replica cannot be used and is fetched again",
                        {{"error", ready.error().message}});
    for (const char* suffix : {"", "-wal", "-shm"}) {
      ::unlink((replica->options_.path + suffix).c_str());
    }
    replica->damage_ = ready.error().message;
    ready = replica->connect();
  }
  TRY(ready);
  return replica;
}

Status Replica::connect() {
  statements_.clear();
  database_.close();
  TRY(prepare_folder());
  if (owners_) {
    TRY(owners_->open(files_, log_));
  }
  TRY(database_.open(Database::Access::read_write));
  Status ready = prepare_tables(database_);
  if (ready) {
    ready = statements_.prepare(database_);
  }
  if (ready) {
    ready = load_state();
  }
  if (!ready && database_.damaged()) {
    return fail(ErrorKind::io, kDirectoryDamaged, ready.error().message);
  }
  TRY(ready);
  TRY(check_database(options_.path));
  TRY(compare_owners());
  return put_aside_deleted();
}

// Either of the two may be the old one. When the rows come again, make_room() compares each with
// the mail.
Status Replica::compare_owners() {
  if (!owners_) {
    return {};
  }
  TRY(const auto others, owners_->compare(options_.path));
  if (others == 0) {
    return {};
  }
  damage_ = fmt::format(
      "the directory and the mail name different owners (mailboxes: {}), so one of the two was "
      "restored from a backup, or written without the other",
      others);
  log_.error("mailboxes are closed until the directory is fetched again", {{"why", damage_}});
  return load_state();
}

// Who is in the group can put a link in a file's place. This is root, which must not write where it
// leads, and PodPlay never makes one here.
Status Replica::remove_link(const std::string& path) {
  std::error_code unknown;
  if (!std::filesystem::is_symlink(path, unknown)) {
    return {};
  }
  log_.warn("a link in the place of a file of the directory was removed", {{"path", path}});
  return files_.remove_tree(path);
}

// The file exists with its mode before SQLite sees it: -wal and -shm get the same mode and owner
// (sqlite.org/wal.html).
Status Replica::prepare_folder() {
  const std::string folder = std::filesystem::path(options_.path).parent_path().string();
  TRY(files_.make_dirs(folder, 02770));
  const std::array files{options_.path, options_.path + "-wal", options_.path + "-shm"};
  for (const std::string& path : files) {
    TRY(remove_link(path));
  }
  if (!files_.exists(options_.path)) {
    TRY(files_.write_atomic(options_.path, "", 0660));
  }
  TRY(daemons::set_owner(folder, 02770, "", options_.group));
  for (const std::string& path : files) {
    const Status set = daemons::set_owner(path, 0660, "", options_.group);
    // SQLite makes -wal and -shm when it needs them.
    if (!set && set.error().kind != ErrorKind::not_found) {
      return set;
    }
  }
  return {};
}

Status Replica::load_state() {
  constexpr const char* kSelect =
      "SELECT generation, epoch, seq, mark_revision, mark_id, revision, complete, resync FROM meta";
  return database_.query(kSelect, [this](char** row) {
    state_ = {.position = {.generation = row[0],
                           .epoch = row[1],
                           .seq = parse_number<std::uint64_t>(row[2]).value_or(0),
                           .marks = {.revision = parse_number<std::uint64_t>(row[3]).value_or(0),
                                     .id = parse_number<std::int64_t>(row[4]).value_or(0)}},
              .revision = parse_number<std::uint64_t>(row[5]).value_or(0),
              .complete = *row[6] == '1',
              .resync = *row[7] == '1'};
  });
}

// The moves are kept in a table of their own, so that a crash after the commit loses none. A folder
// that cannot be moved does not hold up the directory.
Status Replica::put_aside_deleted() {
  std::vector<std::pair<std::string, std::string>> moves;
  TRY(database_.query("SELECT email, revision FROM moves",
                      [&](char** row) { moves.emplace_back(row[0], row[1]); }));
  for (const auto& [email, revision] : moves) {
    if (Status moved = folders_.put_aside(email, revision); !moved) {
      log_.error("mail of a deleted mailbox cannot be put aside",
                 {{"mailbox", email}, {"error", moved.error().message}});
    } else if (!statements_[Sql::drop_move].run(email)) {
      return database_.error("write");
    }
  }
  return {};
}

Status Replica::check() const {
  TRY(check_database(options_.path));
  return owners_ ? owners_->check() : Status{};
}

Result<bool> Replica::has_domain(const std::string& domain) {
  TRY(const auto row, statements_[Sql::get_domain].row(domain));
  return !row.empty();
}

Result<bool> Replica::may_log_in(const std::string& mailbox) {
  const std::size_t at = std::min(mailbox.rfind('@'), mailbox.size() - 1);
  TRY(const auto row, statements_[Sql::get_login].row(mailbox, mailbox.substr(at + 1)));
  return !row.empty();
}

}  // namespace podplay::agent
