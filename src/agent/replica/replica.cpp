// Opens the file, and answers questions that are not about rows. An open file is sound: its mode
// was right before SQLite saw it, its tables fit the statements, and all of it has been read once.
#include "agent/replica/replica.hpp"

#include <fcntl.h>
#include <fmt/format.h>
#include <grp.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <filesystem>

#include "agent/replica/check.hpp"
#include "base/numbers.hpp"

namespace podplay::agent {
namespace {

// Who is in the group can put a link in the file's place: it is not followed, since this is done as
// root. A file that does not exist is no fault.
Status give_to_group(const std::string& path, gid_t group, mode_t mode) {
  const int file = ::open(path.c_str(), O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC);
  if (file < 0 && errno == ENOENT) {
    return {};
  }
  const bool done =
      file >= 0 && ::fchown(file, static_cast<uid_t>(-1), group) == 0 && ::fchmod(file, mode) == 0;
  const int code = errno;
  if (file >= 0) {
    ::close(file);
  }
  return done ? Status{}
              : fail(ErrorKind::io, "file",
                     fmt::format("cannot set owner and mode of {}: {}", path, std::strerror(code)),
                     code == ELOOP ? "it is a link, which PodPlay never makes: remove it" : "");
}

}  // namespace

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
  if (!ready && ready.error().code == "directory_damaged") {
    replica->log_.error("the directory replica is damaged and is fetched again",
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
    TRY(owners_->open(files_));
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
    return fail(ErrorKind::io, "directory_damaged", ready.error().message);
  }
  TRY(ready);
  TRY(check());
  return put_aside_deleted();
}

// The file exists with its mode before SQLite sees it: -wal and -shm get the same mode and owner
// (sqlite.org/wal.html).
Status Replica::prepare_folder() {
  const std::string folder = std::filesystem::path(options_.path).parent_path().string();
  TRY(files_.make_dirs(folder, 02770));
  if (!files_.exists(options_.path)) {
    TRY(files_.write_atomic(options_.path, "", 0660));
  }
  gid_t group = static_cast<gid_t>(-1);
  if (!options_.group.empty()) {
    const struct group* entry = ::getgrnam(options_.group.c_str());
    if (entry == nullptr) {
      return fail(ErrorKind::io, "group_unknown",
                  fmt::format("there is no group '{}' to own {}", options_.group, options_.path));
    }
    group = entry->gr_gid;
  }
  for (const std::string& path :
       {folder, options_.path, options_.path + "-wal", options_.path + "-shm"}) {
    TRY(give_to_group(path, group, path == folder ? 02770 : 0660));
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

Status Replica::check() const { return check_replica(options_.path); }

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
