// Rows are deleted in small transactions with a pause after each, so other writes wait for a few
// milliseconds at most. What is deleted stays deleted, so a job that was cut off goes on where it
// was.
#include "control/jobs/retention.hpp"

#include <fmt/format.h>

#include <functional>
#include <vector>

#include "control/answers.hpp"
#include "control/audit_chain.hpp"
#include "store/health_changes.hpp"
#include "store/jobs.hpp"
#include "store/login_tickets.hpp"
#include "store/retention.hpp"
#include "store/sessions.hpp"

namespace podplay::control {
namespace {

using namespace std::chrono;

// Most rows of one transaction.
constexpr std::int64_t kBatch = 500;
constexpr milliseconds kPause{20};

WallTime since(Context& context, Settings::Integer setting) {
  return context.clock.now() - days(context.settings.integer(setting));
}

// Deletes some rows and gives how many: less than kBatch when there are no more.
using Batch = std::function<Result<std::int64_t>()>;

// `what`: "audit events".
Status delete_in_batches(JobRun& run, std::string_view what, const Batch& batch) {
  run.step(fmt::format("delete {}", what));
  std::int64_t deleted = 0;
  for (;;) {
    TRY(const auto count, batch());
    deleted += count;
    if (count < kBatch) {
      break;
    }
    run.say(fmt::format("{} deleted so far", deleted));
    if (!run.pause(kPause)) {
      return JobRun::stopped();
    }
  }
  run.say(fmt::format("{} deleted", deleted));
  return {};
}

// Finds and deletes rows with one statement.
Batch by_statement(Context& context,
                   const std::function<std::int64_t(store::Transaction&)>& statement) {
  return [&context, statement] {
    return context.store.write<std::int64_t>(
        [&](store::Transaction& transaction) -> Result<std::int64_t> {
          return statement(transaction);
        });
  };
}

using FindOld = std::vector<std::int64_t> (*)(store::Session&, WallTime time, std::int64_t after,
                                              std::int64_t limit);
using DeleteRows = void (*)(store::Transaction&, const std::vector<std::int64_t>& ids);

// Finds rows with a read, each once, and deletes them by their ids.
Batch by_ids(Context& context, WallTime time, FindOld find, DeleteRows erase) {
  return [&context, time, find, erase, after = std::int64_t{0}]() mutable -> Result<std::int64_t> {
    TRY(const auto ids, context.store.read<std::vector<std::int64_t>>([&](store::Session& session) {
      return find(session, time, after, kBatch);
    }));
    if (ids.empty()) {
      return 0;
    }
    after = ids.back();
    TRY(context.store.write<bool>([&](store::Transaction& transaction) -> Result<bool> {
      erase(transaction, ids);
      return true;
    }));
    return static_cast<std::int64_t>(ids.size());
  };
}

}  // namespace

// Each transaction leaves an event that names the anchor, so that the rest of the chain can be
// verified, and an anchor that somebody moved is noticed.
Status delete_old_audit(Context& context, JobRun& run) {
  const WallTime time = since(context, "PODPLAY_AUDIT_RETENTION");
  const auto batch = [&context, time]() -> Result<std::int64_t> {
    TRY(const auto old,
        context.store.read<std::vector<store::AuditMark>>([&](store::Session& session) {
          return store::old_audit(session, time, context.clock.now(), kBatch);
        }));
    if (old.empty()) {
      return 0;
    }
    TRY(delete_audit_up_to(context, old.back(), static_cast<std::int64_t>(old.size())));
    return static_cast<std::int64_t>(old.size());
  };
  return delete_in_batches(run, "audit events", batch);
}

Status delete_old_revisions(Context& context, JobRun& run) {
  const WallTime time = since(context, "PODPLAY_REVISION_RETENTION");
  return delete_in_batches(run, "revisions",
                           by_ids(context, time, store::old_revisions, store::delete_revisions));
}

Status delete_old_answers(Context& context, JobRun& run) {
  const WallTime before = oldest_answer(context);
  return delete_in_batches(run, "answers",
                           by_statement(context, [&](store::Transaction& transaction) {
                             return store::delete_answers_before(transaction, before, kBatch);
                           }));
}

Status delete_expired_tokens(Context& context, JobRun& run) {
  const WallTime now = context.clock.now();
  return delete_in_batches(run, "expired tokens",
                           by_statement(context, [&](store::Transaction& transaction) {
                             return store::delete_tokens_expired(transaction, now, kBatch);
                           }));
}

Status delete_expired_sessions(Context& context, JobRun& run) {
  const WallTime now = context.clock.now();
  TRY(delete_in_batches(run, "expired sessions",
                        by_statement(context, [&](store::Transaction& transaction) {
                          return store::delete_sessions_expired(transaction, now, kBatch);
                        })));
  TRY(delete_in_batches(run, "login tickets",
                        by_statement(context, [&](store::Transaction& transaction) {
                          return store::delete_login_tickets_expired(transaction, now, kBatch);
                        })));
  TRY(context.store.write<bool>([](store::Transaction& transaction) -> Result<bool> {
    store::gather_login_changes(transaction);
    return true;
  }));
  return {};
}

Status delete_old_health(Context& context, JobRun& run) {
  const WallTime before = since(context, "PODPLAY_HEALTH_RETENTION");
  return delete_in_batches(run, "changes of health",
                           by_statement(context, [&](store::Transaction& transaction) {
                             return store::delete_health_changes(transaction, before, kBatch);
                           }));
}

Status delete_ended_jobs(Context& context, JobRun& run) {
  const WallTime before = since(context, "PODPLAY_JOB_RETENTION");
  return delete_in_batches(run, "ended jobs",
                           by_statement(context, [&](store::Transaction& transaction) {
                             return store::delete_ended_jobs(transaction, before, kBatch);
                           }));
}

}  // namespace podplay::control
