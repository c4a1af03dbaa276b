// Rows are committed and in use as soon as they are written, but a change counts as applied only
// after a daemon was seen to answer accordingly. Daemons never start with a part of the directory.
#include "agent/feed.hpp"

#include <fmt/format.h>

#include <algorithm>

namespace podplay::agent {

using namespace std::chrono;

namespace {

// The pause between readings of the whole replica while something fails.
constexpr seconds kCheckInterval{60};
// How long apply() waits for a daemon to see the rows; prove_looked_up() goes on after that.
constexpr milliseconds kSeenWait{1000};
// Rows that are asked for while no daemon answers; of more, the newest ones.
constexpr std::size_t kMostUnseen = 100;

bool is_among(const FeedRow& row, std::span<const FeedRow> rows) {
  return std::ranges::any_of(rows, [&](const FeedRow& other) {
    return other.kind() == row.kind() && other.key == row.key;
  });
}

ReplicaOptions with_group(ReplicaOptions options, const daemons::ServiceDescription& service) {
  if (options.group.empty()) {
    options.group = service.directory_group;
  }
  return options;
}

}  // namespace

Feed::Feed(Parts parts, ReplicaOptions options, Logger log)
    : parts_(parts),
      options_(with_group(std::move(options), parts.service)),
      log_(std::move(log)) {}

void Feed::open() {
  if (Status opened = open_replica(); !opened) {
    log_.error("the directory replica cannot be opened; trying again",
               {{"error", describe(opened.error())}});
  }
  syncs_first_ = parts_.service.has_directory && replica_ && !replica_->complete();
}

Status Feed::open_replica() {
  if (replica_) {
    return {};
  }
  TRY(auto replica, Replica::open(options_, parts_.files, log_));
  replica_ = std::move(replica);
  if (!replica_->damage().empty()) {
    parts_.board.note_repair({.at = to_millis(parts_.clock.now()),
                              .kind = "directory_resynced",
                              .subject = "directory",
                              .cause = "all rows are fetched again: " + replica_->damage()});
  }
  parts_.board.set_position(replica_->position(), replica_->complete());
  // Those that an earlier agent set aside.
  TRY(const auto before, replica_->set_aside_rows(INT64_MAX));
  for (const SetAsideRow& row : before) {
    is_set_aside_.insert({row.kind, row.key});
  }
  return {};
}

Status Feed::use() {
  if (replica_) {
    return {};
  }
  TRY(open_replica());
  if (!parts_.service.has_directory || replica_->complete() || syncs_first_) {
    return {};
  }
  return fail(ErrorKind::unavailable, "directory_empty",
              "the directory is not complete, and it was opened only after the daemons had started",
              "do nothing: the agent starts again and fetches the directory");
}

std::optional<FeedBatch> Feed::completion(Revision revision) const {
  if (!replica_ || replica_->complete()) {
    return std::nullopt;
  }
  const FeedPosition& position = replica_->position();
  return FeedBatch{.generation = position.generation,
                   .epoch = position.epoch,
                   .rows = {},
                   .seq = position.seq,
                   .complete = true,
                   .revision = revision,
                   .marks = position.marks};
}

Result<bool> Feed::apply(const FeedBatch& batch) {
  const auto began = parts_.clock.steady();
  const std::uint64_t before = replica_->position().seq;
  forget_unseen(batch);
  TRY(const auto applied, replica_->apply(batch));
  if (applied.restarted && before != 0) {
    parts_.board.note_repair({.at = to_millis(parts_.clock.now()),
                              .kind = "directory_resynced",
                              .subject = "directory",
                              .cause = "the control plane's store has another history: all rows "
                                       "are fetched again"});
  }
  parts_.board.set_position(replica_->position(), replica_->complete());
  if (applied.rows == 0) {
    return applied.restarted;
  }
  if (!applied.ended.empty() || !applied.ended_app_passwords.empty() || applied.swept) {
    note_ended(applied);
    end_sessions();
    if (Status moved = replica_->put_aside_deleted(); !moved) {
      log_.error("mail cannot be put aside", {{"error", moved.error().message}});
    }
  }
  TRY(note_held_back(batch, applied));
  TRY(const auto sample, sample_of(batch));
  if (const Status seen = wait_until_seen(sample, began + kSeenWait); !seen) {
    log_.warn("rows are applied, but not seen by a daemon yet",
              {{"revision", batch.revision}, {"why", seen.error().message}});
    unseen_.insert(unseen_.end(), sample.begin(), sample.end());
    const std::size_t most = std::min(unseen_.size(), kMostUnseen);
    unseen_.erase(unseen_.begin(), unseen_.end() - static_cast<std::ptrdiff_t>(most));
  }
  const auto took = duration_cast<microseconds>(parts_.clock.steady() - began);
  parts_.board.figures.rows += applied.rows;
  parts_.board.figures.row_micros += static_cast<std::uint64_t>(took.count());
  log_.info("rows applied",
            {{"rows", applied.rows},
             {"seq", replica_->position().seq},
             {"revision", batch.revision},
             {"request", parts_.request->id()},
             {"ms", fmt::format("{:.1f}", static_cast<double>(took.count()) / 1000)}});
  return applied.restarted;
}

void Feed::forget_unseen(const FeedBatch& batch) {
  if (batch.generation != replica_->position().generation) {
    unseen_.clear();
  }
  std::erase_if(unseen_, [&](const FeedRow& row) { return is_among(row, batch.rows); });
}

void Feed::note_ended(const Replica::Applied& applied) {
  // Before the first sync no daemon runs.
  if (!parts_.board.synced()) {
    return;
  }
  for (const std::string& who : applied.ended) {
    parts_.ended_logins.end(who, parts_.clock.steady());
    ending_.insert(who);
  }
  for (const auto& [id, mailbox] : applied.ended_app_passwords) {
    // Postfix does not know which password it was: all submissions of the mailbox begin again.
    parts_.ended_logins.end(mailbox, parts_.clock.steady());
    ending_app_passwords_.insert(id);
  }
  sessions_wait_ = true;
}

void Feed::end_sessions() {
  if (!sessions_wait_) {
    return;
  }
  const Status ended = parts_.stages.end_sessions(
      [this](const daemons::OpenSession& session) { return has_lost_login(session); });
  if (!ended) {
    log_.warn("open sessions cannot be ended; trying again", {{"why", describe(ended.error())}});
    return;
  }
  ending_.clear();
  ending_app_passwords_.clear();
  sessions_wait_ = false;
}

// A mailbox that cannot be looked up now keeps its sessions: they are not known to have ended.
bool Feed::has_lost_login(const daemons::OpenSession& session) {
  const std::string& mailbox = session.mailbox;
  if (ending_app_passwords_.contains(session.app_password) || ending_.contains(mailbox) ||
      ending_.contains(mailbox.substr(std::min(mailbox.rfind('@'), mailbox.size())))) {
    return true;
  }
  const auto may = replica_->may_log_in(mailbox);
  return may && !*may;
}

// A row that was set aside before, and is not any more, has recovered.
Status Feed::note_held_back(const FeedBatch& batch, const Replica::Applied& applied) {
  const std::size_t before = is_set_aside_.size();
  if (before > 0) {
    for (const FeedRow& row : batch.rows) {
      if (is_looked_up(row)) {
        recovered(row);
      }
    }
  }
  for (const auto& [row, why] : applied.held_back) {
    TRY(set_aside(row, kKeepsMail, why));
  }
  if (before != is_set_aside_.size() || !applied.held_back.empty()) {
    show_set_aside();
  }
  return {};
}

bool Feed::work(Revision settled) {
  end_sessions();
  const bool looked_up = prove_looked_up();
  const bool told = tell_and_prove(settled);
  return looked_up && told;
}

Status Feed::check(bool stuck) {
  if (!replica_ || parts_.clock.steady() < next_check_) {
    return {};
  }
  if (!stuck && unseen_.empty() && parts_.board.status().state != "degraded") {
    return {};
  }
  next_check_ = parts_.clock.steady() + kCheckInterval;
  return replica_->check();
}

}  // namespace podplay::agent
