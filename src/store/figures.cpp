// The certificate that is due first is taken for the one that expires first, or one close to it.
#include "store/figures.hpp"

#include "store/connection.hpp"
#include "store/feed.hpp"

namespace podplay::store {
namespace {

std::uint64_t size_of(Session& session) {
  soci::session& sql = sql_of(session);
  long long size = 0;
  if (!session.connection().sqlite) {
    sql << "SELECT pg_database_size(current_database())", soci::into(size);
    return static_cast<std::uint64_t>(size);
  }
  long long pages = 0;
  sql << "SELECT page_count FROM pragma_page_count", soci::into(pages);
  sql << "SELECT page_size FROM pragma_page_size", soci::into(size);
  return static_cast<std::uint64_t>(pages * size);
}

std::int64_t count_jobs(Session& session, JobState state) {
  const std::string word(to_text(state));
  const long long most = kMostCounted;
  long long count = 0;
  sql_of(session) << "SELECT COUNT(*) FROM (SELECT 1 FROM jobs WHERE state = :state LIMIT :most) j",
      soci::use(word), soci::use(most), soci::into(count);
  return count;
}

}  // namespace

StoreFigures read_store_figures(Session& session, WallTime now) {
  soci::session& sql = sql_of(session);
  StoreFigures figures{.bytes = size_of(session)};
  for (const JobState state : {JobState::waiting, JobState::running, JobState::failed}) {
    figures.jobs[state] = count_jobs(session, state);
  }
  const long long at = to_millis(now);
  const long long most = kMostCounted;
  long long count = 0;
  sql << "SELECT COUNT(*) FROM (SELECT 1 FROM sessions WHERE expires > :at LIMIT :most) s",
      soci::use(at), soci::use(most), soci::into(count);
  figures.sessions = count;
  for (const AlertSeverity severity : {AlertSeverity::warning, AlertSeverity::error}) {
    const std::string word(to_text(severity));
    sql << "SELECT COUNT(*) FROM alerts WHERE state = 'open' AND severity = :severity",
        soci::use(word), soci::into(count);
    figures.open_alerts[severity] = count;
  }
  for (const ServiceName service : kServices) {
    figures.sequences[service] = newest_sequence(session, service);
  }
  const soci::rowset<soci::row> rows =
      (sql.prepare << "SELECT not_after FROM certificates WHERE version <> '' "
                      "ORDER BY renew_at LIMIT 50");
  for (const soci::row& row : rows) {
    const WallTime expiry = from_millis(row.get<long long>(0));
    if (figures.first_expiry == WallTime{} || expiry < figures.first_expiry) {
      figures.first_expiry = expiry;
    }
  }
  return figures;
}

}  // namespace podplay::store
