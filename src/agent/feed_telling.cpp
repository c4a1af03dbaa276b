// Tells rows to daemons. A row is applied, gathered with others into one reload where its daemon
// needs one, and then asked for until the daemon serves it. A row that a daemon refuses, or that a
// healthy daemon does not serve in time, is set aside; it never holds up another row.
#include <fmt/format.h>

#include "agent/feed.hpp"

namespace podplay::agent {

using namespace std::chrono;
using daemons::RowState;

namespace {

// Rows of one turn: enough to gather, few enough to show progress.
constexpr std::int64_t kMostAtOnce = 500;
// Rows that one reload serves. They are told at once, and proven in the turns that follow.
constexpr std::int64_t kMostForReload = 10'000;
// A turn proves rows in groups until this time has passed, so that what comes meanwhile waits no
// longer. A certificate has some names on some ports, each of which takes milliseconds.
constexpr milliseconds kProveTime{1000};
constexpr std::size_t kProvenTogether = 20;
// When more rows change at once, as in an import, daemons are asked little about each: to ask for
// every name on every port would take a minute of the processor's time for a thousand domains. The
// looks at a few rows a minute ask for all of it in their turn.
constexpr std::size_t kMostAskedWhole = 50;
// Rows of one turn that are only checked again.
constexpr std::int64_t kMostChecked = 20;
// The least time between two reloads. A reload costs the same for one changed row as for many, but
// its cost grows with the number of rows that exist.
constexpr milliseconds kReloadPause{1000};
// From the first row that needs a reload until the reload, so that one reload serves all rows that
// come meanwhile. It also lets the first login of a new domain through: a reload slows logins down
// for some hundred milliseconds.
constexpr milliseconds kGatherPause{500};
// The same when each row replaces what is served already, such as a renewed certificate: nobody
// waits to log in for the first time.
constexpr milliseconds kReplacePause{50};
// Every row is checked again after this time, in case a daemon has lost one.
constexpr hours kFullCheck{24};
// Rows that are set aside are tried again after this time: the cause may be gone.
constexpr minutes kRetryPause{10};
// A few rows are compared in turn after this time, to notice a daemon that serves one no longer or
// otherwise. With 5 rows a minute, 7,200 zones are compared in a day.
constexpr seconds kLookPause{60};
constexpr std::int64_t kMostLookedAt = 5;
constexpr std::int64_t kMostTold = 20;
constexpr RowKind kTold[] = {RowKind::certificate, RowKind::site, RowKind::zone,
                             RowKind::challenge};

}  // namespace

bool Feed::tell_and_prove(Revision settled) {
  busy_ = false;
  if (!parts_.board.proven() || !replica_->complete() || replica_->resyncs()) {
    // The daemons are told once they run, and once it is known which rows there are.
    return true;
  }
  check_again_when_due();
  const bool challenges = tell_challenges(settled);
  const bool others = tell_others(settled);
  return challenges && others;
}

bool Feed::tell_challenges(Revision settled) {
  auto rows = replica_->unproven(kMostAtOnce, Replica::Rows::challenges);
  if (!rows) {
    log_.error("challenges cannot be read", {{"error", describe(rows.error())}});
    return false;
  }
  if (rows->empty()) {
    return true;
  }
  busy_ = true;
  const auto began = parts_.clock.steady();
  const std::size_t count = rows->size();
  Status done = tell(*rows);
  if (done) {
    done = prove(*rows, Asks::all);
  }
  show_set_aside();
  if (!done) {
    log_.warn("challenges cannot be told; trying again", {{"why", describe(done.error())}});
  }
  const auto took = duration_cast<milliseconds>(parts_.clock.steady() - began);
  log_.debug("told challenges", {{"rows", count}, {"ms", took.count()}});
  const auto left = replica_->changed(settled, 1, Replica::Rows::challenges);
  return left && left->empty();
}

bool Feed::tell_others(Revision settled) {
  const bool reloads = reload_is_due();
  const auto changed = replica_->changed(settled, reloads ? kMostForReload : kMostAtOnce);
  const auto others = replica_->unproven(kMostChecked);
  if (!changed || !others) {
    log_.error("rows cannot be read",
               {{"error", describe(changed ? others.error() : changed.error())}});
    return false;
  }
  if (const Status told = settle_rows(); !told) {
    log_.error("rows that were refused cannot be taken back; trying again",
               {{"error", describe(told.error())}});
  }
  if (changed->empty() && others->empty()) {
    if (!busy_) {
      told_.clear();
    }
    reload_when_due();
    if (const Status looked = look_at_some(); !looked) {
      log_.error("rows cannot be checked", {{"error", describe(looked.error())}});
    }
    return true;
  }
  busy_ = true;
  if (reload_due_ && !reloads) {
    // Rows that come meanwhile are told just before the reload.
    return changed->empty();
  }
  const bool has_changed = !changed->empty();
  const Status done = take_turn(has_changed ? *changed : *others, has_changed);
  if (!done) {
    parts_.board.set_stage("rows", done.error().message);
    log_.warn("rows cannot be told to a daemon; trying again", {{"why", describe(done.error())}});
    return changed->empty();
  }
  parts_.board.set_stage("", "");
  if (changed->empty()) {
    return true;
  }
  const auto left = replica_->changed(settled, 1);
  return left && left->empty();
}

void Feed::reload_when_due() {
  if (!parts_.stages.rows_wait()) {
    return;
  }
  busy_ = true;
  if (!reload_due_) {
    reload_due_ = std::max(parts_.clock.steady(), last_reload_ + kReloadPause);
  }
  if (!reload_is_due()) {
    return;
  }
  if (const Status done = reload(); !done) {
    log_.warn("a daemon cannot be reloaded; trying again", {{"why", describe(done.error())}});
  }
}

// A daemon that takes longer than the pause to read what it has is not told to begin again.
bool Feed::reload_is_due() const {
  return reload_due_ && parts_.clock.steady() >= *reload_due_ && !parts_.stages.reads_rows();
}

Status Feed::take_turn(std::vector<FeedRow> rows, bool changed) {
  const auto began = parts_.clock.steady();
  const std::size_t count = rows.size();
  const Asks many = count > kMostAskedWhole ? Asks::little : Asks::all;
  const Asks asks = changed ? many : Asks::new_only;
  TRY(tell(rows));
  if (parts_.stages.rows_wait() && !reload_due_) {
    TRY(const bool replace, all_replace(rows));
    reload_due_ =
        std::max(began + (replace ? kReplacePause : kGatherPause), last_reload_ + kReloadPause);
    return {};
  }
  TRY(reload());
  TRY(prove_for_a_while(rows, asks));
  TRY(settle_rows());
  show_set_aside();
  const auto took = duration_cast<milliseconds>(parts_.clock.steady() - began);
  log_.debug("told rows",
             {{"rows", count}, {"request", parts_.request->id()}, {"ms", took.count()}});
  return {};
}

Result<bool> Feed::all_replace(const std::vector<FeedRow>& rows) {
  if (rows.size() > kMostAskedWhole) {
    return false;
  }
  for (const FeedRow& row : rows) {
    TRY(const bool served, replica_->was_ever_served(row));
    if (!served) {
      return false;
    }
  }
  return true;
}

// Leaves only those rows in `rows` that their daemons took.
Status Feed::tell(std::vector<FeedRow>& rows) {
  TRY(try_looked_up(rows));
  for (const FeedRow& row : rows) {
    Told& told = told_[{row.kind(), row.key}];
    if (told.seq != row.seq) {
      told = {.seq = row.seq};
    }
  }
  const auto results = parts_.stages.apply_rows(rows, *replica_);
  std::vector<FeedRow> taken;
  for (std::size_t i = 0; i < rows.size(); ++i) {
    if (results[i].verdict.state != RowState::done) {
      TRY(set_aside_or_wait(rows[i], results[i]));
      continue;
    }
    // One that was refused before was taken back.
    if (rows[i].kind() == RowKind::certificate &&
        is_set_aside_.contains({rows[i].kind(), rows[i].key})) {
      TRY(replica_->present(rows[i]));
    }
    taken.push_back(std::move(rows[i]));
  }
  rows = std::move(taken);
  return {};
}

Status Feed::reload() {
  reload_due_.reset();
  if (!parts_.stages.rows_wait()) {
    return {};
  }
  last_reload_ = parts_.clock.steady();
  return parts_.stages.reload_rows();
}

// Asks once for each row. A row that is not served yet is asked for again in the next turn.
Status Feed::prove_for_a_while(std::span<const FeedRow> rows, Asks asks) {
  const auto until = parts_.clock.steady() + kProveTime;
  while (!rows.empty() && parts_.clock.steady() < until) {
    const auto group = rows.first(std::min(rows.size(), kProvenTogether));
    rows = rows.subspan(group.size());
    TRY(prove({group.begin(), group.end()}, asks));
  }
  return {};
}

Status Feed::prove(const std::vector<FeedRow>& rows, Asks asks) {
  std::vector<FeedRow> whole;
  std::vector<FeedRow> again;
  for (const FeedRow& row : rows) {
    const auto before =
        asks == Asks::new_only ? replica_->was_served(row) : Result<bool>(asks == Asks::little);
    TRY(before);
    (*before ? again : whole).push_back(row);
  }
  TRY(note_proofs(whole, parts_.stages.prove_rows(whole)));
  return note_proofs(again, parts_.stages.recheck_rows(again));
}

Status Feed::note_proofs(const std::vector<FeedRow>& rows,
                         const std::vector<Stages::RowResult>& results) {
  for (std::size_t i = 0; i < rows.size(); ++i) {
    if (results[i].verdict.state == RowState::done) {
      TRY(served(rows[i]));
    } else {
      TRY(set_aside_or_wait(rows[i], results[i]));
    }
  }
  return {};
}

// While the service is not well, time does not count: the row is not to blame. The first failed
// proof begins the time, so that a row of a large import is not blamed for its turn coming late.
bool Feed::is_overdue(const FeedRow& row, const daemons::RowVerdict& verdict) {
  Told& told = told_[{row.kind(), row.key}];
  const auto now = parts_.clock.steady();
  if (parts_.board.status().state != "ready" || !told.missed) {
    told.missed = now;
    told.answered.reset();
  }
  if (!verdict.answered) {
    told.answered.reset();
  } else if (!told.answered) {
    told.answered = now;
  }
  return now - *told.missed > parts_.stages.row_deadline() ||
         (told.answered && now - *told.answered > parts_.stages.answer_deadline());
}

Status Feed::set_aside_or_wait(const FeedRow& row, const Stages::RowResult& result) {
  if (result.verdict.state == RowState::refused || is_overdue(row, result.verdict)) {
    return set_aside(row, result.daemon, result.verdict.words);
  }
  return {};
}

Status Feed::set_aside(const FeedRow& row, const std::string& daemon, const std::string& reason) {
  TRY(replica_->set_aside(row, daemon, reason));
  told_.erase({row.kind(), row.key});
  is_set_aside_.insert({row.kind(), row.key});
  ended_badly_.push_back(row);
  log_.error("a row is set aside", {{"kind", to_text(row.kind())},
                                    {"row", row.key},
                                    {"revision", row.revision},
                                    {"daemon", daemon},
                                    {"request", parts_.request->id()},
                                    {"words", reason}});
  forget_reports_of(row);
  set_aside_.push_back({.kind = row.kind(),
                        .key = row.key,
                        .revision = row.revision,
                        .daemon = daemon,
                        .message = reason});
  return {};
}

Status Feed::served(const FeedRow& row) {
  TRY(replica_->mark_served(row));
  told_.erase({row.kind(), row.key});
  ended_well_.push_back(row);
  recovered(row);
  return {};
}

Status Feed::settle_rows() {
  TRY(parts_.stages.settle_rows(ended_well_, true));
  ended_well_.clear();
  if (ended_badly_.empty()) {
    return {};
  }
  TRY(parts_.stages.settle_rows(ended_badly_, false));
  for (const FeedRow& row : ended_badly_) {
    if (row.kind() == RowKind::certificate) {
      TRY(replica_->present_served(row));
    }
  }
  ended_badly_.clear();
  return {};
}

// The control plane cannot know which of two came last.
void Feed::forget_reports_of(const FeedRow& row) {
  for (auto* reports : {&set_aside_, &recovered_}) {
    std::erase_if(*reports, [&](const SetAsideRow& one) {
      return one.kind == row.kind() && one.key == row.key;
    });
  }
}

void Feed::recovered(const FeedRow& row) {
  if (is_set_aside_.erase({row.kind(), row.key}) > 0) {
    forget_reports_of(row);
    recovered_.push_back({.kind = row.kind(), .key = row.key, .daemon = {}, .message = {}});
  }
}

void Feed::check_again_when_due() {
  const auto now = parts_.clock.steady();
  Status done;
  if (now >= next_full_check_) {
    // This includes rows that an earlier agent set aside.
    done = replica_->retry_set_aside();
    if (done) {
      done = replica_->begin_checking();
    }
    next_full_check_ = now + kFullCheck;
    next_retry_ = now + kRetryPause;
  } else if (now >= next_retry_) {
    next_retry_ = now + kRetryPause;
    if (!is_set_aside_.empty()) {
      done = replica_->retry_set_aside();
    }
  }
  if (!done) {
    log_.error("rows cannot be marked for another check", {{"error", describe(done.error())}});
  }
}

Status Feed::look_at_some() {
  const auto now = parts_.clock.steady();
  if (now < next_look_) {
    return {};
  }
  next_look_ = now + kLookPause;
  for (const RowKind kind : kTold) {
    std::string& after = looked_at_[kind];
    TRY(const auto rows, replica_->some_rows(kind, after, kMostLookedAt));
    after = rows.empty() ? "" : rows.back().key;
    const auto results = parts_.stages.compare_rows(rows, *replica_);
    for (std::size_t i = 0; i < rows.size(); ++i) {
      if (results[i].verdict.state != RowState::done) {
        log_.warn("a daemon no longer serves a row; telling it again",
                  {{"kind", to_text(kind)},
                   {"row", rows[i].key},
                   {"daemon", results[i].daemon},
                   {"words", results[i].verdict.words}});
        TRY(replica_->doubt(rows[i]));
      }
    }
  }
  return {};
}

void Feed::show_set_aside() {
  const auto count = replica_->count_set_aside();
  auto rows = replica_->set_aside_rows(kMostTold);
  if (!count || !rows) {
    log_.error("rows that are set aside cannot be read", {});
    return;
  }
  parts_.board.set_aside(*count, std::move(*rows));
}

}  // namespace podplay::agent
