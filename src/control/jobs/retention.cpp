// Every deletion is made of small transactions, with a pause after each: other writes wait for a
// few milliseconds at most. What was deleted is deleted, so that a job that was cut off goes on.
#include "control/jobs/retention.hpp"

#include <fmt/format.h>

#include <functional>

#include "control/answers.hpp"
#include "store/jobs.hpp"
#include "store/retention.hpp"

namespace podplay::control {
namespace {

using namespace std::chrono;

// Rows of a transaction.
constexpr std::int64_t kBatch = 500;
constexpr milliseconds kPause{20};
constexpr days kJobsKept{30};

WallTime since(Context& context, std::string_view setting) {
  return context.clock.now() - days(context.settings.integer(setting));
}

// Until a batch is not full. `what`: "audit events".
Status delete_in_batches(Context& context, JobRun& run, std::string_view what,
                         const std::function<std::int64_t(store::Transaction&)>& batch) {
  run.step(fmt::format("delete {}", what));
  std::int64_t deleted = 0;
  for (;;) {
    TRY(const auto count, context.store.write<std::int64_t>(
                              [&](store::Transaction& transaction) -> Result<std::int64_t> {
                                return batch(transaction);
                              }));
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

}  // namespace

Status delete_old_audit(Context& context, JobRun& run) {
  const WallTime time = since(context, "PODPLAY_AUDIT_RETENTION");
  TRY(const auto below, context.store.read<std::int64_t>([&](store::Session& session) {
    return store::first_audit_since(session, time);
  }));
  return delete_in_batches(context, run, "audit events", [&](store::Transaction& transaction) {
    return store::delete_audit_below(transaction, below, kBatch);
  });
}

Status delete_old_revisions(Context& context, JobRun& run) {
  const WallTime time = since(context, "PODPLAY_REVISION_RETENTION");
  TRY(const auto below, context.store.read<Revision>([&](store::Session& session) {
    return store::first_revision_since(session, time);
  }));
  return delete_in_batches(context, run, "revisions", [&](store::Transaction& transaction) {
    return store::delete_revisions_below(transaction, below, kBatch);
  });
}

Status delete_old_answers(Context& context, JobRun& run) {
  const WallTime before = context.clock.now() - kKeptAnswers;
  return delete_in_batches(context, run, "answers", [&](store::Transaction& transaction) {
    return store::delete_answers_before(transaction, before, kBatch);
  });
}

Status delete_expired_tokens(Context& context, JobRun& run) {
  const WallTime now = context.clock.now();
  return delete_in_batches(context, run, "expired tokens", [&](store::Transaction& transaction) {
    return store::delete_tokens_expired(transaction, now, kBatch);
  });
}

Status delete_ended_jobs(Context& context, JobRun& run) {
  const WallTime before = context.clock.now() - kJobsKept;
  return delete_in_batches(context, run, "ended jobs", [&](store::Transaction& transaction) {
    return store::delete_ended_jobs(transaction, before, kBatch);
  });
}

}  // namespace podplay::control
