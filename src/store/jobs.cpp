// A job is taken by one UPDATE that names the state it expects. When two programs choose the same
// row, the second one changes nothing (PostgreSQL reads the row again after it waited for the
// first; SQLite has one writer).
#include "store/jobs.hpp"

#include <algorithm>

#include "store/connection.hpp"

namespace podplay::store {
namespace {

constexpr const char* kJobColumns =
    "id, kind, subject, state, due, attempts, last_error, lease_owner, lease_until, created, "
    "started, finished, progress, request_id";
constexpr const char* kStepColumns = "number, name, state, words, at, took";

Job to_job(const soci::row& row) {
  const auto time = [&row](std::size_t at) { return from_millis(row.get<long long>(at)); };
  Job job;
  job.id = row.get<long long>(0);
  job.kind = row.get<std::string>(1);
  job.subject = row.get<std::string>(2);
  job.state = parse_job_state(row.get<std::string>(3)).value_or(JobState::failed);
  job.due = time(4);
  job.attempts = static_cast<int>(row.get<long long>(5));
  job.last_error = row.get<std::string>(6);
  job.lease_owner = row.get<std::string>(7);
  job.lease_until = time(8);
  job.created = time(9);
  job.started = time(10);
  job.finished = time(11);
  job.progress = static_cast<int>(row.get<long long>(12));
  job.request_id = row.get<std::string>(13);
  return job;
}

std::vector<Job> to_jobs(const soci::rowset<soci::row>& rows) {
  std::vector<Job> jobs;
  for (const soci::row& row : rows) {
    jobs.push_back(to_job(row));
  }
  return jobs;
}

std::optional<Job> first_job(const soci::rowset<soci::row>& rows) {
  for (const soci::row& row : rows) {
    return to_job(row);
  }
  return std::nullopt;
}

std::string select_jobs(const std::string& rest) {
  return std::string("SELECT ") + kJobColumns + " FROM jobs " + rest;
}

bool changes_one(soci::statement& statement) {
  statement.execute(true);
  return statement.get_affected_rows() == 1;
}

// Only names of the table of kinds stand in it, never a user's text.
std::string lane_words(const JobLane& lane) {
  if (lane.kinds.empty()) {
    return lane.others ? "1 = 1" : "1 = 0";
  }
  std::string names;
  for (const std::string& kind : lane.kinds) {
    names += (names.empty() ? "'" : ", '") + kind + "'";
  }
  return (lane.others ? "kind NOT IN (" : "kind IN (") + names + ")";
}

}  // namespace

std::vector<Job> list_jobs(Session& session, const JobFilter& filter, std::int64_t before,
                           std::int64_t limit) {
  const long long below = before == 0 ? INT64_MAX : before;
  const long long most = limit;
  const std::string state(filter.state ? to_text(*filter.state) : "");
  const soci::rowset<soci::row> rows =
      (sql_of(session).prepare << select_jobs(
           "WHERE id < :below AND (:any_kind = '' OR kind = :kind) "
           "AND (:any_state = '' OR state = :state) "
           "ORDER BY id DESC LIMIT :most"),
       soci::use(below), soci::use(filter.kind), soci::use(filter.kind), soci::use(state),
       soci::use(state), soci::use(most));
  return to_jobs(rows);
}

std::optional<Job> find_job(Session& session, std::int64_t id) {
  const long long key = id;
  const soci::rowset<soci::row> rows =
      (sql_of(session).prepare << select_jobs("WHERE id = :id"), soci::use(key));
  return first_job(rows);
}

std::optional<Job> find_open_job(Session& session, const std::string& kind,
                                 const std::string& subject) {
  const soci::rowset<soci::row> rows =
      (sql_of(session).prepare << select_jobs("WHERE kind = :kind AND subject = :subject AND "
                                              "state IN ('waiting', 'running')"),
       soci::use(kind), soci::use(subject));
  return first_job(rows);
}

std::optional<Job> find_newest_job(Session& session, const std::string& kind,
                                   const std::string& subject) {
  const soci::rowset<soci::row> rows =
      (sql_of(session).prepare << select_jobs("WHERE kind = :kind AND subject = :subject "
                                              "ORDER BY id DESC LIMIT 1"),
       soci::use(kind), soci::use(subject));
  return first_job(rows);
}

std::vector<JobStep> list_job_steps(Session& session, std::int64_t job) {
  const long long key = job;
  const soci::rowset<soci::row> rows =
      (sql_of(session).prepare << "SELECT " << kStepColumns
                               << " FROM job_steps WHERE job = :job ORDER BY number",
       soci::use(key));
  std::vector<JobStep> steps;
  for (const soci::row& row : rows) {
    JobStep& step = steps.emplace_back();
    step.number = static_cast<int>(row.get<long long>(0));
    step.name = row.get<std::string>(1);
    step.state = parse_job_state(row.get<std::string>(2)).value_or(JobState::failed);
    step.words = row.get<std::string>(3);
    step.at = from_millis(row.get<long long>(4));
    step.took = std::chrono::milliseconds(row.get<long long>(5));
  }
  return steps;
}

std::optional<WallTime> next_job_time(Session& session, const JobLane& lane) {
  std::optional<WallTime> next;
  const auto note = [&](long long time, soci::indicator found) {
    if (found == soci::i_ok && (!next || from_millis(time) < *next)) {
      next = from_millis(time);
    }
  };
  long long time = 0;
  soci::indicator found = soci::i_null;
  sql_of(session) << "SELECT MIN(due) FROM jobs WHERE state = 'waiting' AND " << lane_words(lane),
      soci::into(time, found);
  note(time, found);
  sql_of(session) << "SELECT MIN(lease_until) FROM jobs WHERE state = 'running'",
      soci::into(time, found);
  note(time, found);
  return next;
}

void insert_job(Transaction& transaction, const Job& job) {
  const long long id = job.id;
  const std::string state(to_text(job.state));
  const long long due = to_millis(job.due);
  const long long attempts = job.attempts;
  const long long lease = to_millis(job.lease_until);
  const long long created = to_millis(job.created);
  const long long started = to_millis(job.started);
  const long long finished = to_millis(job.finished);
  const long long progress = job.progress;
  sql_of(transaction.session())
      << std::string("INSERT INTO jobs (") + kJobColumns +
             ") VALUES (:id, :kind, :subject, :state, :due, :attempts, :error, :owner, :lease, "
             ":created, :started, :finished, :progress, :request)",
      soci::use(id), soci::use(job.kind), soci::use(job.subject), soci::use(state), soci::use(due),
      soci::use(attempts), soci::use(job.last_error), soci::use(job.lease_owner), soci::use(lease),
      soci::use(created), soci::use(started), soci::use(finished), soci::use(progress),
      soci::use(job.request_id);
}

bool schedule_job(Transaction& transaction, std::int64_t id, WallTime due,
                  const std::string& request_id) {
  const long long key = id;
  const long long at = to_millis(due);
  soci::statement statement =
      (sql_of(transaction.session()).prepare
           << "UPDATE jobs SET state = 'waiting', due = :due, attempts = 0, finished = 0, "
              "progress = 0, request_id = :request WHERE id = :id AND state <> 'running'",
       soci::use(at), soci::use(request_id), soci::use(key));
  return changes_one(statement);
}

std::optional<Job> take_due_job(Transaction& transaction, const Lease& lease, const JobLane& lane) {
  soci::session& sql = sql_of(transaction.session());
  const long long now = to_millis(lease.now);
  const long long until = to_millis(lease.until);
  for (;;) {
    const soci::rowset<soci::row> rows =
        (sql.prepare << select_jobs("WHERE state = 'waiting' AND due <= :now AND " +
                                    lane_words(lane) + " ORDER BY due, id LIMIT 1"),
         soci::use(now));
    const std::optional<Job> due = first_job(rows);
    if (!due) {
      return std::nullopt;
    }
    const long long id = due->id;
    soci::statement statement =
        (sql.prepare << "UPDATE jobs SET state = 'running', attempts = attempts + 1, "
                        "lease_owner = :owner, lease_until = :until, started = :started, "
                        "finished = 0, progress = 0 "
                        "WHERE id = :id AND state = 'waiting' AND due <= :now",
         soci::use(lease.owner), soci::use(until), soci::use(now), soci::use(id), soci::use(now));
    if (changes_one(statement)) {
      return find_job(transaction, id);
    }
    // Another program was faster. The next turn does not find this job any more.
  }
}

bool renew_lease(Transaction& transaction, std::int64_t id, const Lease& lease) {
  const long long key = id;
  const long long until = to_millis(lease.until);
  soci::statement statement =
      (sql_of(transaction.session()).prepare
           << "UPDATE jobs SET lease_until = :until "
              "WHERE id = :id AND state = 'running' AND lease_owner = :owner",
       soci::use(until), soci::use(key), soci::use(lease.owner));
  return changes_one(statement);
}

std::vector<Job> list_abandoned_jobs(Session& session, WallTime now) {
  const long long at = to_millis(now);
  const soci::rowset<soci::row> rows =
      (sql_of(session).prepare << select_jobs("WHERE state = 'running' AND lease_until <= :now"),
       soci::use(at));
  return to_jobs(rows);
}

void end_leases_of_earlier_programs(Transaction& transaction) {
  if (transaction.session().connection().sqlite) {
    sql_of(transaction.session()) << "UPDATE jobs SET lease_until = 0 WHERE state = 'running'";
  }
}

bool end_job(Transaction& transaction, std::int64_t id, const std::string& owner,
             const JobEnd& end) {
  const long long key = id;
  const std::string state(to_text(end.state));
  const long long due = to_millis(end.due);
  const long long attempts = end.attempts;
  const long long finished = to_millis(end.finished);
  const long long progress = end.progress;
  soci::statement statement =
      (sql_of(transaction.session()).prepare
           << "UPDATE jobs SET state = :state, due = :due, attempts = :attempts, "
              "last_error = :error, lease_owner = '', lease_until = 0, finished = :finished, "
              "progress = :progress "
              "WHERE id = :id AND state = 'running' AND lease_owner = :owner",
       soci::use(state), soci::use(due), soci::use(attempts), soci::use(end.last_error),
       soci::use(finished), soci::use(progress), soci::use(key), soci::use(owner));
  return changes_one(statement);
}

bool put_job_progress(Transaction& transaction, std::int64_t id, const std::string& owner,
                      int percent) {
  const long long key = id;
  const long long progress = percent;
  soci::statement statement =
      (sql_of(transaction.session()).prepare
           << "UPDATE jobs SET progress = :progress "
              "WHERE id = :id AND state = 'running' AND lease_owner = :owner",
       soci::use(progress), soci::use(key), soci::use(owner));
  return changes_one(statement);
}

void put_job_step(Transaction& transaction, std::int64_t job, const JobStep& step) {
  const long long key = job;
  const long long number = step.number;
  const std::string state(to_text(step.state));
  const long long at = to_millis(step.at);
  const long long took = step.took.count();
  sql_of(transaction.session())
      << "INSERT INTO job_steps (job, " << kStepColumns
      << ") VALUES (:job, :number, :name, :state, :words, :at, :took) ON CONFLICT (job, number) DO "
         "UPDATE SET state = excluded.state, words = excluded.words, took = excluded.took",
      soci::use(key), soci::use(number), soci::use(step.name), soci::use(state),
      soci::use(step.words), soci::use(at), soci::use(took);
}

void fail_open_steps(Transaction& transaction, std::int64_t job, const std::string& words) {
  const long long key = job;
  sql_of(transaction.session()) << "UPDATE job_steps SET state = 'failed', words = :words WHERE "
                                   "job = :job AND state = 'running'",
      soci::use(words), soci::use(key);
}

void keep_newest_steps(Transaction& transaction, std::int64_t job, int most) {
  const long long key = job;
  const long long count = most;
  sql_of(transaction.session())
      << "DELETE FROM job_steps WHERE job = :job AND number <= "
         "(SELECT COALESCE(MAX(number), 0) FROM job_steps WHERE job = :same) - :most",
      soci::use(key), soci::use(key), soci::use(count);
}

std::int64_t delete_ended_jobs(Transaction& transaction, WallTime time, std::int64_t limit) {
  const long long before = to_millis(time);
  const long long most = limit;
  soci::statement statement =
      (sql_of(transaction.session()).prepare
           << "DELETE FROM jobs WHERE id IN (SELECT id FROM jobs WHERE state IN ('done', 'failed') "
              "AND finished < :before ORDER BY id LIMIT :most)",
       soci::use(before), soci::use(most));
  statement.execute(true);
  return statement.get_affected_rows();
}

}  // namespace podplay::store
