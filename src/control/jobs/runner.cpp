// Every outcome is one transaction that also names the lease, so an attempt that lost its lease
// writes nothing. The transaction that ends a periodic job inserts the next one, so the chain never
// breaks.
#include "control/jobs/runner.hpp"

#include <sodium.h>

#include <algorithm>

#include "base/encoding.hpp"
#include "control/jobs/run.hpp"
#include "store/jobs.hpp"

namespace podplay::control {
namespace {

using namespace std::chrono;

// Steps of earlier attempts that are kept.
constexpr int kMostSteps = 50;
// The pause after a failure of the store.
constexpr milliseconds kStoreRetry{1000};
constexpr const char* kCutOff = "the program that ran it ended";

double random_fraction() { return static_cast<double>(::randombytes_uniform(1'000'001)) / 1e6; }

}  // namespace

JobRunner::JobRunner(Context& context, std::span<const JobKind> kinds, JobRunnerOptions options)
    : context_(context), kinds_(kinds), options_(std::move(options)), owner_(random_token(12)) {
  if (!options_.random) {
    options_.random = random_fraction;
  }
}

JobRunner::~JobRunner() { stop(); }

Status JobRunner::start() {
  TRY(context_.store.write<bool>([](store::Transaction& transaction) -> Result<bool> {
    store::end_leases_of_earlier_programs(transaction);
    return true;
  }));
  TRY(take_over_abandoned());
  TRY(add_periodic());
  threads_.emplace_back([this] { keep(); });
  const auto add_workers = [this](int count, const store::JobLane& lane) {
    for (int i = 0; i < count; ++i) {
      threads_.emplace_back([this, lane] { work(lane); });
    }
  };
  store::JobLane quick{.kinds = {}, .others = true};
  for (const auto& [threads, count] : {std::pair{JobThreads::outside, options_.outside_workers},
                                       {JobThreads::letters, options_.letter_workers},
                                       {JobThreads::copies, options_.copy_workers}}) {
    const store::JobLane lane{.kinds = kinds_of(threads), .others = false};
    quick.kinds.insert(quick.kinds.end(), lane.kinds.begin(), lane.kinds.end());
    add_workers(lane.kinds.empty() ? 0 : count, lane);
  }
  add_workers(options_.workers, quick);
  return {};
}

void JobRunner::stop() {
  {
    const std::scoped_lock lock(mutex_);
    stopping_ = true;
  }
  stopped_.notify_all();
  context_.jobs.wake();
  for (std::thread& thread : threads_) {
    thread.join();
  }
  threads_.clear();
}

bool JobRunner::stopping() const {
  const std::scoped_lock lock(mutex_);
  return stopping_;
}

bool JobRunner::pause(milliseconds duration) {
  std::unique_lock lock(mutex_);
  return !stopped_.wait_for(lock, duration, [&] { return stopping_; });
}

const JobKind* JobRunner::find_kind(const std::string& name) const {
  const auto found =
      std::ranges::find_if(kinds_, [&](const JobKind& kind) { return kind.name == name; });
  return found == kinds_.end() ? nullptr : &*found;
}

milliseconds JobRunner::backoff(const JobKind* kind, int attempts) {
  const RetryPolicy policy = kind == nullptr ? RetryPolicy{} : kind->retry;
  milliseconds delay = policy.first;
  for (int i = 1; i < attempts && delay < policy.longest; ++i) {
    delay *= 2;
  }
  const double jitter = 0.75 + options_.random() / 2;
  return duration_cast<milliseconds>(std::min(delay, policy.longest) * jitter);
}

void JobRunner::insert_next(store::Transaction& transaction, const JobKind& kind) const {
  Job job;
  job.id = transaction.next("id");
  job.kind = kind.name;
  job.created = context_.clock.now();
  job.due = job.created + kind.interval;
  store::insert_job(transaction, job);
}

// An interval that became shorter takes effect at once.
Status JobRunner::add_periodic() {
  TRY(context_.store.write<bool>([&](store::Transaction& transaction) -> Result<bool> {
    for (const JobKind& kind : kinds_) {
      if (kind.interval.count() == 0) {
        continue;
      }
      const auto open = store::find_open_job(transaction, std::string(kind.name), "");
      const WallTime latest = context_.clock.now() + kind.interval;
      if (!open) {
        insert_next(transaction, kind);
      } else if (open->attempts == 0 && open->due > latest) {
        store::schedule_job(transaction, open->id, latest, open->request_id);
      }
    }
    return true;
  }));
  return {};
}

std::vector<std::string> JobRunner::kinds_of(JobThreads threads) const {
  std::vector<std::string> names;
  for (const JobKind& kind : kinds_) {
    if (kind.threads == threads) {
      names.emplace_back(kind.name);
    }
  }
  return names;
}

store::JobLane JobRunner::allowed(store::JobLane lane) const {
  if (!options_.is_active || options_.is_active()) {
    return lane;
  }
  for (const JobKind& kind : kinds_) {
    if (!kind.only_active) {
      continue;
    }
    std::erase(lane.kinds, kind.name);
    if (lane.others) {
      lane.kinds.emplace_back(kind.name);
    }
  }
  return lane;
}

void JobRunner::work(const store::JobLane& whole) {
  while (!stopping()) {
    const std::uint64_t seen = context_.jobs.count();
    const store::JobLane lane = allowed(whole);
    const auto taken = take(lane);
    if (!taken) {
      context_.log.error("jobs cannot be read", {{"why", describe(taken.error())}});
      pause(kStoreRetry);
      continue;
    }
    if (*taken) {
      run(**taken);
      continue;
    }
    const auto next = context_.store.read<std::optional<WallTime>>(
        [&](store::Session& session) { return store::next_job_time(session, lane); });
    milliseconds sleep = options_.longest_sleep;
    if (next && *next) {
      sleep = std::clamp(**next - context_.clock.now(), milliseconds{1}, sleep);
    }
    context_.jobs.wait(seen, sleep);
  }
}

// Reads before it writes, so an idle runner takes no writer's lock.
Result<std::optional<Job>> JobRunner::take(const store::JobLane& lane) {
  const WallTime now = context_.clock.now();
  TRY(const auto next, context_.store.read<std::optional<WallTime>>([&](store::Session& session) {
    return store::next_job_time(session, lane);
  }));
  if (!next || *next > now) {
    return std::nullopt;
  }
  TRY(take_over_abandoned());
  std::string owner;
  {
    const std::scoped_lock lock(mutex_);
    owner = owner_ + "-" + std::to_string(++taken_);
  }
  TRY(auto job, context_.store.write<std::optional<Job>>(
                    [&](store::Transaction& transaction) -> Result<std::optional<Job>> {
                      return store::take_due_job(
                          transaction, {.owner = owner, .now = now, .until = now + options_.lease},
                          lane);
                    }));
  if (job) {
    const std::scoped_lock lock(mutex_);
    leases_[job->id] = {.owner = owner};
  }
  return job;
}

void JobRunner::run(const Job& job) {
  const auto began = context_.clock.steady();
  const JobKind* kind = find_kind(job.kind);
  const auto steps = context_.store.write<int>([&](store::Transaction& transaction) -> Result<int> {
    store::keep_newest_steps(transaction, job.id, kMostSteps);
    const auto before = store::list_job_steps(transaction, job.id);
    return before.empty() ? 0 : before.back().number;
  });
  JobRun run(context_, job, steps.value_or(0), [this, &job] {
    const std::scoped_lock lock(mutex_);
    const auto held = leases_.find(job.id);
    return stopping_ || held == leases_.end() || held->second.owner != job.lease_owner ||
           held->second.lost;
  });
  const Status outcome = steps ? call(kind, run) : Status(std::unexpected(steps.error()));
  run.finish_step(outcome ? JobState::done : JobState::failed,
                  outcome ? std::string() : describe(outcome.error()));
  end(job, kind, outcome, run.percent());
  const auto took = duration_cast<milliseconds>(context_.clock.steady() - began);
  context_.log.log(outcome ? Level::info : Level::warn, outcome ? "job done" : "job failed",
                   {{"kind", job.kind},
                    {"subject", job.subject},
                    {"job", job.id},
                    {"attempt", job.attempts},
                    {"ms", took.count()},
                    {"request", job.request_id},
                    {"why", outcome ? std::string() : describe(outcome.error())}});
}

Status JobRunner::call(const JobKind* kind, JobRun& run) {
  if (kind == nullptr) {
    return fail(ErrorKind::not_found, "kind_unknown",
                "this program knows no jobs of the kind " + run.job().kind,
                "it was added by another version of PodPlay");
  }
  try {
    return kind->run(context_, run);
  } catch (const std::exception& error) {
    return fail(ErrorKind::internal, "defect",
                "a defect ended the job: " + std::string(error.what()),
                "report it with the lines of the api log");
  }
}

void JobRunner::end(const Job& job, const JobKind* kind, const Status& outcome, int percent) {
  const WallTime now = context_.clock.now();
  store::JobEnd how{.attempts = job.attempts, .finished = now};
  if (!outcome) {
    how.progress = percent;
    how.last_error = describe(outcome.error());
    const int most = kind == nullptr ? 1 : kind->retry.most_attempts;
    how.state = most != 0 && job.attempts >= most ? JobState::failed : JobState::waiting;
    how.due =
        now + std::max<milliseconds>(backoff(kind, job.attempts), outcome.error().retry_after);
    if (stopping()) {
      // We cut it off, so it does not count as an attempt.
      how.state = JobState::waiting;
      how.due = now;
      --how.attempts;
    }
  }
  if (how.state == JobState::waiting) {
    how.finished = {};
  }
  const auto ended =
      context_.store.write<bool>([&](store::Transaction& transaction) -> Result<bool> {
        if (!store::end_job(transaction, job.id, job.lease_owner, how)) {
          return false;
        }
        if (how.state != JobState::waiting && kind != nullptr && kind->interval.count() > 0) {
          insert_next(transaction, *kind);
        }
        return true;
      });
  {
    const std::scoped_lock lock(mutex_);
    const auto held = leases_.find(job.id);
    if (held != leases_.end() && held->second.owner == job.lease_owner) {
      leases_.erase(held);
    }
  }
  if (!ended) {
    // Its lease ends by itself, and the job is taken over.
    context_.log.error("a job's end cannot be written",
                       {{"job", job.id}, {"why", describe(ended.error())}});
  } else if (!*ended) {
    context_.log.warn("a job's lease was lost, and another program runs it",
                      {{"job", job.id}, {"kind", job.kind}, {"subject", job.subject}});
  }
  context_.jobs.wake();
}

void JobRunner::keep() {
  while (pause(options_.lease / 3)) {
    if (const Status renewed = renew_leases(); !renewed) {
      context_.log.error("leases of jobs cannot be renewed", {{"why", describe(renewed.error())}});
    }
  }
}

Status JobRunner::renew_leases() {
  std::map<std::int64_t, Held> held;
  {
    const std::scoped_lock lock(mutex_);
    held = leases_;
  }
  if (held.empty()) {
    return {};
  }
  const WallTime now = context_.clock.now();
  TRY(context_.store.write<bool>([&](store::Transaction& transaction) -> Result<bool> {
    for (auto& [id, one] : held) {
      const store::Lease lease{.owner = one.owner, .now = now, .until = now + options_.lease};
      one.lost = !store::renew_lease(transaction, id, lease);
    }
    return true;
  }));
  const std::scoped_lock lock(mutex_);
  for (const auto& [id, one] : held) {
    // The job may have ended meanwhile.
    const auto found = leases_.find(id);
    if (found != leases_.end() && found->second.owner == one.owner) {
      found->second.lost = one.lost;
    }
  }
  return {};
}

// The first time the job is due at once. One that ends its program again and again backs off like a
// failure.
Status JobRunner::take_over_abandoned() {
  const WallTime now = context_.clock.now();
  TRY(const auto taken,
      context_.store.write<std::vector<Job>>(
          [&](store::Transaction& transaction) -> Result<std::vector<Job>> {
            auto jobs = store::list_abandoned_jobs(transaction, now);
            for (const Job& job : jobs) {
              const JobKind* kind = find_kind(job.kind);
              const int most = kind == nullptr ? 0 : kind->retry.most_attempts;
              const bool failed = most != 0 && job.attempts >= most;
              store::fail_open_steps(transaction, job.id, kCutOff);
              store::end_job(transaction, job.id, job.lease_owner,
                             {.state = failed ? JobState::failed : JobState::waiting,
                              .due = job.attempts <= 1 ? now : now + backoff(kind, job.attempts),
                              .attempts = job.attempts,
                              .last_error = kCutOff,
                              .finished = failed ? now : WallTime{},
                              .progress = job.progress});
              if (failed && kind->interval.count() > 0) {
                insert_next(transaction, *kind);
              }
            }
            return jobs;
          }));
  for (const Job& job : taken) {
    context_.log.warn("a job was cut off; it is resumed", {{"job", job.id},
                                                           {"kind", job.kind},
                                                           {"subject", job.subject},
                                                           {"attempts", job.attempts}});
  }
  return {};
}

}  // namespace podplay::control
