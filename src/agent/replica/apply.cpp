// Rows become tables. Rows and the sequence they reach are in one transaction, so that a sync that
// was cut goes on where it was; `state_` follows only what was committed.
#include <algorithm>

#include "agent/replica/mail_replica.hpp"

namespace podplay::agent {
namespace {

constexpr std::size_t kTransactionRows = 500;

}  // namespace

template <class... Values>
Status MailReplica::write(Sql sql, const Values&... values) {
  if (!statements_[sql].run(values...)) {
    return database_.error("write");
  }
  return {};
}

Result<MailReplica::Applied> MailReplica::apply(const DirectoryBatch& batch) {
  if (batch.seq < state_.seq) {
    log_.warn(
        "the control plane's directory is older than ours: its store was replaced, fetching all of "
        "it",
        {{"ours", state_.seq}, {"theirs", batch.seq}});
    TRY(begin_resync());
    return Applied{.rows = 0, .restarted = true};
  }
  Applied applied;
  std::span<const DirectoryRow> rest(batch.rows);
  do {
    const auto rows = rest.first(std::min(kTransactionRows, rest.size()));
    rest = rest.subspan(rows.size());
    const bool last = rest.empty();
    State after = state_;
    after.seq = last ? batch.seq : rows.back().seq;
    const bool completes = last && batch.complete;
    if (completes) {
      after.complete = true;
      after.revision = batch.revision;
      after.resync = false;
    }
    TRY(apply_rows(rows, after, state_.resync && completes, applied));
  } while (!rest.empty());
  applied.rows = batch.rows.size();
  // A first sync is rare: its memory is given back.
  if (applied.rows > kTransactionRows) {
    database_.release_memory();
  }
  return applied;
}

// One transaction; `sweep` ends a resync.
Status MailReplica::apply_rows(std::span<const DirectoryRow> rows, const State& after, bool sweep,
                               Applied& applied) {
  if (rows.empty() && after == state_) {
    return {};
  }
  Status done = write_rows(rows, after, sweep, applied);
  if (!done) {
    database_.roll_back();
    return done;
  }
  state_ = after;
  return {};
}

Status MailReplica::write_rows(std::span<const DirectoryRow> rows, const State& after, bool sweep,
                               Applied& applied) {
  TRY(database_.execute("BEGIN IMMEDIATE"));
  for (const DirectoryRow& row : rows) {
    TRY(apply_row(row, applied));
  }
  if (sweep) {
    TRY(database_.execute(kSweep));
  }
  TRY(write(Sql::put_meta, after.seq, after.revision, static_cast<int>(after.complete),
            static_cast<int>(after.resync)));
  return database_.execute("COMMIT");
}

Status MailReplica::apply_row(const DirectoryRow& row, Applied& applied) {
  if (state_.resync && !row.deleted) {
    TRY(write(Sql::put_seen, to_text(row.kind), row.key));
  }
  switch (row.kind) {
    case DirectoryKind::domain: return apply_domain(row);
    case DirectoryKind::mailbox: return apply_mailbox(row, applied);
    case DirectoryKind::alias: break;
  }
  return apply_alias(row);
}

Status MailReplica::apply_domain(const DirectoryRow& row) {
  const bool there = !row.deleted && row.enabled;
  return write(there ? Sql::put_domain : Sql::drop_domain, row.key);
}

Status MailReplica::apply_mailbox(const DirectoryRow& row, Applied& applied) {
  if (row.deleted) {
    TRY(write(Sql::drop_mailbox, row.key));
    TRY(write(Sql::drop_own, row.key));
    TRY(write(Sql::put_move, row.key, row.revision));
    applied.ended.push_back(row.key);
    return {};
  }
  TRY(make_room(row, applied));
  TRY(write(Sql::put_mailbox, row.key, row.password_hash, row.quota, static_cast<int>(row.enabled),
            row.owner));
  return write(Sql::put_own, row.key);
}

Status MailReplica::apply_alias(const DirectoryRow& row) {
  TRY(write(Sql::drop_alias, row.key));
  if (row.deleted || !row.enabled) {
    return {};
  }
  for (const std::string& target : row.targets) {
    TRY(write(Sql::put_alias, row.key, target));
  }
  return {};
}

// The same address with another owner is another mailbox: a new owner never gets the mail of the
// one before. A folder that cannot be put aside stops the row with that reason.
Status MailReplica::make_room(const DirectoryRow& row, Applied& applied) {
  if (const auto waiting = statements_[Sql::get_move].row(row.key); !waiting.empty()) {
    TRY(folders_.put_aside(row.key, waiting[0]));
    TRY(write(Sql::drop_move, row.key));
  }
  const auto before = statements_[Sql::get_mailbox].row(row.key);
  if (before.empty()) {
    return {};
  }
  const std::string& password = before[0];
  const bool enabled = before[1] == "1";
  const std::string& owner = before[2];
  const bool another =
      !state_.resync && owner != "0" && row.owner != 0 && owner != std::to_string(row.owner);
  if (another || password != row.password_hash || (enabled && !row.enabled)) {
    applied.ended.push_back(row.key);
  }
  // With less room than before, Dovecot says with the next message whether it is nearly full.
  const std::int64_t quota = std::strtoll(before[3].c_str(), nullptr, 10);
  const bool less = !another && row.quota > 0 && (quota == 0 || row.quota < quota);
  if (less || another) {
    TRY(write(less ? Sql::put_full : Sql::drop_full, row.key));
  }
  if (another) {
    return folders_.put_aside(row.key, std::to_string(row.revision));
  }
  return {};
}

Status MailReplica::begin_resync() {
  Status cleared = database_.execute(
      "BEGIN IMMEDIATE; DELETE FROM seen; UPDATE meta SET seq = 0, revision = 0, resync = 1; "
      "COMMIT");
  if (!cleared) {
    database_.roll_back();
    return cleared;
  }
  state_.seq = 0;
  state_.revision = 0;
  state_.resync = true;
  return {};
}

}  // namespace podplay::agent
