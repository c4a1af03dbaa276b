// A job is never run here: use-cases write rows and wake the runner (runner.hpp).
#include "control/jobs/jobs.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "base/numbers.hpp"
#include "control/audit.hpp"
#include "control/jobs/kinds.hpp"
#include "store/users.hpp"

namespace podplay::control {
namespace {

bool has_ended(const Job& job) {
  return job.state == JobState::done || job.state == JobState::failed;
}

std::optional<Job> find_by_key(store::Session& session, const std::string& key) {
  if (const auto id = parse_number<std::int64_t>(key)) {
    return store::find_job(session, *id);
  }
  return store::find_open_job(session, key, "");
}

std::unexpected<Error> no_job(const Context& context, const std::string& key) {
  return fail(ErrorKind::not_found, "job_unknown",
              fmt::format("there is no job '{}'", key.substr(0, 80)),
              fmt::format("podplay jobs list shows them; ended ones are kept for {} days",
                          context.settings.integer("PODPLAY_JOB_RETENTION")));
}

Result<JobDetails> read_job(Context& context, const std::string& key) {
  auto found = context.store.read_together<std::optional<JobDetails>>(
      [&](store::Session& session) -> std::optional<JobDetails> {
        auto job = find_by_key(session, key);
        if (!job) {
          return std::nullopt;
        }
        auto steps = store::list_job_steps(session, job->id);
        return JobDetails{.job = std::move(*job), .steps = std::move(steps)};
      });
  TRY(auto details, std::move(found));
  if (!details) {
    return no_job(context, key);
  }
  return std::move(*details);
}

Result<bool> may_follow(Context& context, const Actor& actor, const Job& job) {
  if (actor.administers_all()) {
    return true;
  }
  const auto kinds = job_kinds();
  const auto kind = std::ranges::find(kinds, job.kind, &JobKind::name);
  const JobSubject subject = kind == kinds.end() ? JobSubject::other : kind->subject;
  switch (subject) {
    case JobSubject::other: return false;
    case JobSubject::domain: return actor.may_administer(job.subject).has_value();
    case JobSubject::user: break;
  }
  TRY(const auto user, context.store.read<std::optional<User>>([&](store::Session& session) {
    return store::find_user(session, job.subject);
  }));
  return user && actor.may_see(*user).has_value();
}

}  // namespace

Job add_job(Context& context, store::Transaction& transaction, const NewJob& wanted) {
  const WallTime now = context.clock.now();
  const WallTime due = std::max(wanted.due, now);
  if (auto open = store::find_open_job(transaction, wanted.kind, wanted.subject)) {
    if (open->state == JobState::waiting && open->due > due) {
      store::schedule_job(transaction, open->id, due, wanted.request_id);
      return store::find_job(transaction, open->id).value_or(*open);
    }
    return *open;
  }
  Job job;
  job.id = transaction.next("id");
  job.kind = wanted.kind;
  job.subject = wanted.subject;
  job.due = due;
  job.created = now;
  job.request_id = wanted.request_id;
  store::insert_job(transaction, job);
  return job;
}

Result<Job> start_job(Context& context, const NewJob& job) {
  auto added = context.store.write<Job>([&](store::Transaction& transaction) -> Result<Job> {
    return add_job(context, transaction, job);
  });
  context.jobs.wake();
  return added;
}

Result<std::vector<Job>> list_jobs(Context& context, const store::JobFilter& filter,
                                   std::int64_t before, std::int64_t limit) {
  return context.store.read<std::vector<Job>>(
      [&](store::Session& session) { return store::list_jobs(session, filter, before, limit); });
}

Result<JobDetails> get_job(Context& context, const Actor& actor, const std::string& key,
                           std::chrono::milliseconds longest) {
  const SteadyTime until = context.clock.steady() + longest;
  std::uint64_t seen = context.jobs.count();
  TRY(auto details, read_job(context, key));
  TRY(const bool allowed, may_follow(context, actor, details.job));
  if (!allowed) {
    return no_job(context, key);
  }
  // From now on it is looked up by its number: when it has ended, the kind names the next job.
  const std::string number = std::to_string(details.job.id);
  for (;;) {
    const auto left = until - context.clock.steady();
    if (has_ended(details.job) || left.count() <= 0 || context.hub.closed()) {
      return details;
    }
    // A job that another control plane runs wakes nobody here, so look again now and then.
    constexpr std::chrono::milliseconds kLook{1000};
    context.jobs.wait(seen, std::min(kLook, std::chrono::ceil<std::chrono::milliseconds>(left)));
    seen = context.jobs.count();
    TRY(auto again, read_job(context, number));
    details = std::move(again);
  }
}

Result<JobDetails> run_job(Context& context, const Actor& actor, const std::string& key) {
  store::AuditRow event;
  TRY(auto id, context.store.write<std::int64_t>([&](store::Transaction& transaction)
                                                     -> Result<std::int64_t> {
    const auto job = find_by_key(transaction, key);
    if (!job) {
      return no_job(context, key);
    }
    if (job->state == JobState::running) {
      return fail(ErrorKind::conflict, "job_running",
                  fmt::format("job {} is running already", job->id),
                  fmt::format("podplay jobs show {} tells how far it is", job->id));
    }
    if (job->state == JobState::done) {
      return fail(
          ErrorKind::conflict, "job_done", fmt::format("job {} is done", job->id),
          fmt::format("podplay jobs list shows which jobs wait; a periodic job is also named by "
                      "its kind: podplay jobs run {}",
                      job->kind));
    }
    const auto open = store::find_open_job(transaction, job->kind, job->subject);
    if (open && open->id != job->id) {
      return fail(ErrorKind::conflict, "job_open",
                  fmt::format("job {} does the same and is {}", open->id, to_text(open->state)),
                  fmt::format("run that one: podplay jobs run {}", open->id));
    }
    // no going back after this
    store::schedule_job(transaction, job->id, context.clock.now(), actor.request_id());
    event = audit_event(context, actor, "JOB_RUN",
                        job->kind + (job->subject.empty() ? "" : " " + job->subject));
    event = store::insert_audit(transaction, event);
    return job->id;
  }));
  log_audit(context, event);
  context.jobs.wake();
  return read_job(context, std::to_string(id));
}

}  // namespace podplay::control
