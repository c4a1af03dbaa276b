// Writes rows into tables. Rows and the sequence they reach are in one transaction, so that an
// interrupted sync goes on where it stopped. `state_` changes only after a commit.
#include <algorithm>

#include "agent/replica/replica.hpp"
#include "base/numbers.hpp"
#include "wire/feed.hpp"

namespace podplay::agent {
namespace {

constexpr std::size_t kTransactionRows = 500;

}  // namespace

template <class... Values>
Status Replica::write(Sql sql, const Values&... values) {
  if (!statements_[sql].run(values...)) {
    return database_.error("write");
  }
  return {};
}

Result<Replica::Applied> Replica::apply(const FeedBatch& batch) {
  Applied applied;
  if (batch.generation != state_.position.generation) {
    log_.warn(
        "the feed is of another generation: its store is new or was restored, so all rows are "
        "fetched",
        {{"ours", state_.position.generation}, {"theirs", batch.generation}});
    TRY(begin_resync(batch));
    applied.restarted = true;
  }
  std::span<const FeedRow> rest(batch.rows);
  do {
    const auto rows = rest.first(std::min(kTransactionRows, rest.size()));
    rest = rest.subspan(rows.size());
    const bool last = rest.empty();
    State after = state_;
    after.position.epoch = batch.epoch;
    after.position.marks = batch.marks;
    after.position.seq = last ? batch.seq : rows.back().seq;
    const bool completes = last && batch.complete;
    if (completes) {
      after.complete = true;
      after.revision = batch.revision;
      after.resync = false;
    }
    TRY(apply_rows(rows, after, state_.resync && completes, applied));
  } while (!rest.empty());
  applied.rows = batch.rows.size();
  // A first sync is rare, so its memory is given back.
  if (applied.rows > kTransactionRows) {
    database_.release_memory();
  }
  return applied;
}

// One transaction; `sweep` ends a resync.
Status Replica::apply_rows(std::span<const FeedRow> rows, const State& after, bool sweep,
                           Applied& applied) {
  Status done = write_rows(rows, after, sweep, applied);
  if (!done) {
    database_.roll_back();
    if (owners_) {
      owners_->roll_back();
    }
    return done;
  }
  state_ = after;
  return {};
}

Status Replica::write_rows(std::span<const FeedRow> rows, const State& after, bool sweep,
                           Applied& applied) {
  TRY(database_.execute("BEGIN IMMEDIATE"));
  if (owners_) {
    TRY(owners_->begin());
  }
  for (const FeedRow& row : rows) {
    TRY(apply_row(row, applied));
  }
  if (sweep) {
    TRY(const auto swept, statements_[Sql::get_swept_app_passwords].rows());
    for (const Columns& columns : swept) {
      applied.ended_app_passwords.emplace_back(columns[0], columns[1]);
    }
    TRY(database_.execute(kSweep));
    applied.swept = true;
  }
  TRY(put_state(after));
  if (owners_) {
    TRY(owners_->commit());
  }
  return database_.execute("COMMIT");
}

Status Replica::put_state(const State& state) {
  const FeedPosition& position = state.position;
  return write(Sql::put_meta, position.generation, position.epoch, position.seq,
               position.marks.revision, position.marks.id, state.revision,
               static_cast<int>(state.complete), static_cast<int>(state.resync));
}

Status Replica::apply_row(const FeedRow& row, Applied& applied) {
  if (state_.resync && !row.deleted) {
    TRY(write(Sql::put_seen, to_text(row.kind()), row.key));
  }
  switch (row.kind()) {
    case RowKind::domain: return apply_domain(row, applied);
    case RowKind::mailbox: return apply_mailbox(row, applied);
    case RowKind::alias: return apply_alias(row);
    case RowKind::app_password: return apply_app_password(row, applied);
    case RowKind::certificate: TRY(apply_certificate(row)); break;
    case RowKind::site:
    case RowKind::rrset:
    case RowKind::zone:
    case RowKind::challenge: break;
  }
  return keep_row(row);
}

Status Replica::apply_domain(const FeedRow& row, Applied& applied) {
  const bool enabled = !row.deleted && std::get<DomainRow>(row.content).enabled;
  const bool disabled = !row.deleted && !enabled;
  if (!enabled) {
    applied.ended.push_back("@" + row.key);
  }
  TRY(write(disabled ? Sql::put_disabled_domain : Sql::drop_disabled_domain, row.key));
  return write(enabled ? Sql::put_domain : Sql::drop_domain, row.key);
}

Status Replica::apply_mailbox(const FeedRow& row, Applied& applied) {
  TRY(write(Sql::drop_row, to_text(RowKind::mailbox), row.key));
  if (row.deleted) {
    TRY(write(Sql::drop_mailbox, row.key));
    TRY(write(Sql::drop_own, row.key));
    TRY(write(Sql::put_move, row.key, row.revision));
    applied.ended.push_back(row.key);
    return {};
  }
  const auto& mailbox = std::get<MailboxRow>(row.content);
  TRY(const bool has_room, make_room(row, applied));
  if (!has_room) {
    TRY(keep_row(row));
  }
  TRY(write(Sql::put_mailbox, row.key, mailbox.password_hash, mailbox.quota,
            static_cast<int>(mailbox.enabled && has_room), mailbox.owner));
  return write(Sql::put_own, row.key);
}

Status Replica::apply_app_password(const FeedRow& row, Applied& applied) {
  const auto& password = std::get<AppPasswordRow>(row.content);
  std::string protocols = " ";
  for (const std::string& protocol : password.protocols) {
    protocols += protocol + " ";
  }
  TRY(const auto before, statements_[Sql::get_app_password].row(row.key));
  const Columns now{password.email, std::to_string(password.owner), password.hash, protocols};
  if (!before.empty() && (row.deleted || before != now)) {
    applied.ended_app_passwords.emplace_back(row.key, before[0]);
  }
  if (row.deleted) {
    return write(Sql::drop_app_password, row.key);
  }
  return write(Sql::put_app_password, row.key, password.email, password.owner, password.hash,
               protocols);
}

Status Replica::apply_alias(const FeedRow& row) {
  const auto& alias = std::get<AliasRow>(row.content);
  TRY(write(Sql::drop_row, to_text(RowKind::alias), row.key));
  TRY(write(Sql::drop_alias, row.key));
  if (row.deleted || !alias.enabled) {
    return {};
  }
  for (const std::string& target : alias.targets) {
    TRY(write(Sql::put_alias, row.key, target));
  }
  return {};
}

Status Replica::apply_certificate(const FeedRow& row) {
  TRY(write(Sql::drop_sni, row.key));
  const auto& certificate = std::get<CertificateRow>(row.content);
  for (const std::string& name : certificate.names) {
    // Postfix looks ".a.test" up for names below a.test.
    const std::string entry = name.starts_with("*.") ? name.substr(1) : name;
    TRY(write(Sql::put_sni, entry, row.key, certificate.version));
  }
  return {};
}

Status Replica::keep_row(const FeedRow& row) {
  if (row.deleted) {
    return write(Sql::delete_row, to_text(row.kind()), row.key, row.seq, row.revision);
  }
  return write(Sql::put_row, to_text(row.kind()), row.key, row.seq, row.revision,
               wire::content_text(row.content));
}

// The same address with another owner is another mailbox: a new owner never gets the mail of the
// one before. When the folder cannot be put aside, only this mailbox waits.
Result<bool> Replica::make_room(const FeedRow& row, Applied& applied) {
  const auto& mailbox = std::get<MailboxRow>(row.content);
  TRY(const auto waiting, statements_[Sql::get_move].row(row.key));
  if (!waiting.empty()) {
    TRY(const bool moved, put_aside(row, waiting[0], applied));
    if (!moved) {
      return false;
    }
    TRY(write(Sql::drop_move, row.key));
  }
  if (owners_) {
    TRY(const auto owner, owners_->owner_of(row.key));
    if (owner != 0 && mailbox.owner != 0 && owner != mailbox.owner) {
      applied.ended.push_back(row.key);
      TRY(const bool moved, put_aside(row, std::to_string(row.revision), applied));
      if (!moved) {
        return false;
      }
      TRY(write(Sql::drop_full, row.key));
    }
    TRY(owners_->set_owner(row.key, mailbox.owner));
  }
  TRY(const auto before, statements_[Sql::get_mailbox].row(row.key));
  if (before.empty()) {
    return true;
  }
  const std::string& password = before[0];
  const bool enabled = before[1] == "1";
  if (password != mailbox.password_hash || (enabled && !mailbox.enabled)) {
    applied.ended.push_back(row.key);
  }
  // With less room than before, the mailbox counts as nearly full, so Dovecot is asked about the
  // next message.
  const std::int64_t quota = parse_number<std::int64_t>(before[2]).value_or(0);
  if (mailbox.quota > 0 && (quota == 0 || mailbox.quota < quota)) {
    TRY(write(Sql::put_full, row.key));
  }
  return true;
}

Result<bool> Replica::put_aside(const FeedRow& row, const std::string& revision, Applied& applied) {
  const Status moved = folders_.put_aside(row.key, revision);
  if (!moved) {
    applied.held_back.push_back({.row = row, .why = describe(moved.error())});
  }
  return moved.has_value();
}

Status Replica::keep(const FeedRow& row) { return keep_row(row); }

Status Replica::try_again(const FeedRow& row) {
  Applied applied;
  TRY(apply_rows({&row, 1}, state_, false, applied));
  if (!applied.held_back.empty()) {
    return fail(ErrorKind::io, "mailbox_held_back", applied.held_back.front().why);
  }
  return {};
}

Status Replica::begin_resync(const FeedBatch& batch) {
  // A new file has nothing to sweep.
  const bool is_new = state_.position.generation.empty();
  State state = state_;
  state.position = {
      .generation = batch.generation, .epoch = batch.epoch, .seq = 0, .marks = batch.marks};
  state.revision = 0;
  state.resync = !is_new;
  Status begun = database_.execute("BEGIN IMMEDIATE; DELETE FROM seen");
  if (begun) {
    begun = put_state(state);
  }
  if (begun) {
    begun = database_.execute("COMMIT");
  }
  if (!begun) {
    database_.roll_back();
    return begun;
  }
  state_ = state;
  return {};
}

}  // namespace podplay::agent
