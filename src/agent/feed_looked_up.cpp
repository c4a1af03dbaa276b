// Proves rows that daemons look up by themselves: the first and the last of a batch are asked for.
// A row for which a daemon that is well does not answer in time is set aside, so that it holds up
// no other; it stays in the replica as it was written.
#include <algorithm>

#include "agent/feed.hpp"

namespace podplay::agent {

using namespace std::chrono;

namespace {

// The pause between two questions for the same rows.
constexpr milliseconds kSeenPause{10};

}  // namespace

// Rows of a first sync come before the daemons run, so nothing is asked. A daemon that is being
// restarted gets a moment here, and more time in prove_looked_up().
Status Feed::wait_until_seen(const std::vector<FeedRow>& sample, SteadyTime deadline) {
  Status seen;
  while (parts_.board.proven() && !sample.empty()) {
    seen = prove_in_directory(sample);
    if (seen || parts_.clock.steady() > deadline || !parts_.stop.pause(kSeenPause)) {
      break;
    }
  }
  return seen;
}

// Asks the daemons about the rows once, and logs what they answered.
Status Feed::prove_in_directory(const std::vector<FeedRow>& rows) {
  TRY(const auto proofs, parts_.stages.probe_directory(rows));
  for (std::size_t i = 0; i < rows.size(); ++i) {
    const auto answer = [&](const char* question) {
      const auto found = proofs[i].find(question);
      return found == proofs[i].end() ? std::string() : found->second;
    };
    log_.info("proved a row", {{"kind", to_text(rows[i].kind())},
                               {"key", rows[i].key},
                               {"request", parts_.request->id()},
                               {"deleted", rows[i].deleted ? "true" : ""},
                               {"rcpt", answer("rcpt")},
                               {"userdb", answer("userdb")}});
  }
  return {};
}

bool Feed::is_looked_up(const FeedRow& row) {
  return row.kind() == RowKind::mailbox || row.kind() == RowKind::alias;
}

// The first and the last row that a daemon can be asked about.
Result<std::vector<FeedRow>> Feed::sample_of(const FeedBatch& batch) {
  std::vector<FeedRow> sample;
  for (const FeedRow& row : batch.rows) {
    TRY(const bool askable, is_askable(row));
    if (askable) {
      sample.push_back(row);
      break;
    }
  }
  if (sample.empty()) {
    return sample;
  }
  for (auto row = batch.rows.rbegin(); row->key != sample.front().key; ++row) {
    TRY(const bool askable, is_askable(*row));
    if (askable) {
      sample.push_back(*row);
      break;
    }
  }
  return sample;
}

Result<bool> Feed::is_askable(const FeedRow& row) {
  if (!is_looked_up(row) || is_set_aside_.contains({row.kind(), row.key})) {
    return false;
  }
  return is_of_mail_domain(row);
}

Result<bool> Feed::is_of_mail_domain(const FeedRow& row) {
  const std::size_t at = row.key.find('@');
  if (at == row.key.npos || at == 0) {
    return false;
  }
  return replica_->has_domain(row.key.substr(at + 1));
}

bool Feed::prove_looked_up() {
  if (unseen_.empty()) {
    unseen_since_.reset();
    return true;
  }
  if (!parts_.board.proven()) {
    return false;
  }
  Status done = forget_not_askable();
  if (done && !unseen_.empty()) {
    done = prove_in_directory(unseen_);
  }
  if (!done && is_unseen_overdue()) {
    done = set_aside_unseen();
  }
  if (!done) {
    parts_.board.set_stage(std::string(to_text(Stage::probe)), done.error().message);
    return false;
  }
  unseen_.clear();
  unseen_since_.reset();
  parts_.board.set_stage("", "");
  log_.info("looked-up rows are proven or set aside");
  return true;
}

Status Feed::forget_not_askable() {
  std::vector<FeedRow> current;
  for (FeedRow& row : unseen_) {
    TRY(const bool askable, is_askable(row));
    if (askable) {
      current.push_back(std::move(row));
    }
  }
  unseen_ = std::move(current);
  return {};
}

bool Feed::is_unseen_overdue() {
  const auto now = parts_.clock.steady();
  const auto daemons = parts_.board.status().daemons;
  const bool well = std::ranges::all_of(
      daemons, [](const DaemonStatus& daemon) { return daemon.state == "ready"; });
  if (!well || !unseen_since_) {
    unseen_since_ = now;
  }
  return now - *unseen_since_ > parts_.stages.row_deadline();
}

Status Feed::set_aside_unseen() {
  for (const FeedRow& row : unseen_) {
    if (const Status seen = prove_in_directory({row}); !seen) {
      TRY(set_aside_looked_up(row, seen.error()));
    }
  }
  show_set_aside();
  return {};
}

Status Feed::set_aside_looked_up(const FeedRow& row, const Error& why) {
  TRY(replica_->keep(row));
  return set_aside(row, why.code, why.message);
}

Status Feed::try_looked_up(std::vector<FeedRow>& rows) {
  std::vector<FeedRow> others;
  for (FeedRow& row : rows) {
    if (!is_looked_up(row)) {
      others.push_back(std::move(row));
      continue;
    }
    // A deleted mailbox is gone already; to apply that again could move the folder of the next one.
    if (const Status applied = row.deleted ? Status{} : replica_->try_again(row); !applied) {
      TRY(set_aside(row, kKeepsMail, applied.error().message));
      continue;
    }
    TRY(const bool takes_mail, is_of_mail_domain(row));
    if (const Status seen = takes_mail ? prove_in_directory({row}) : Status{}; !seen) {
      TRY(set_aside_looked_up(row, seen.error()));
      continue;
    }
    if (row.deleted) {
      TRY(replica_->mark_served(row));
    }
    log_.info("a row that was set aside is applied",
              {{"kind", to_text(row.kind())}, {"row", row.key}});
    recovered(row);
  }
  rows = std::move(others);
  return {};
}

}  // namespace podplay::agent
