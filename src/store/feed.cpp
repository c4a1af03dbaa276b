// One statement writes a row. Reading is by the index on (service, sequence), so that a service
// with few rows never reads past the many rows of another.
#include "store/feed.hpp"

#include "store/connection.hpp"

namespace podplay::store {
namespace {

constexpr const char* kFeedColumns = "kind, name, seq, revision, deleted, content";

std::vector<FeedRecord> to_records(const soci::rowset<soci::row>& rows) {
  std::vector<FeedRecord> records;
  for (const soci::row& row : rows) {
    records.push_back({.kind = parse_row_kind(row.get<std::string>(0)).value_or(RowKind::domain),
                       .key = row.get<std::string>(1),
                       .seq = static_cast<std::uint64_t>(row.get<long long>(2)),
                       .revision = static_cast<Revision>(row.get<long long>(3)),
                       .deleted = row.get<long long>(4) != 0,
                       .content = row.get<std::string>(5)});
  }
  return records;
}

}  // namespace

struct FeedWriter::Impl {
  std::string service;
  std::string kind;
  std::string name;
  long long seq = 0;
  long long revision = 0;
  long long deleted = 0;
  std::string content;
  soci::statement statement;

  explicit Impl(soci::session& sql)
      : statement((
            sql.prepare << "INSERT INTO feed (service, " << kFeedColumns
                        << ") VALUES (:service, :kind, :name, :seq, :revision, :deleted, :content) "
                           "ON CONFLICT (service, kind, name) DO UPDATE SET seq = excluded.seq, "
                           "revision = excluded.revision, deleted = excluded.deleted, "
                           "content = excluded.content",
            soci::use(service), soci::use(kind), soci::use(name), soci::use(seq),
            soci::use(revision), soci::use(deleted), soci::use(content))) {}
};

FeedWriter::FeedWriter(Transaction& transaction)
    : impl_(std::make_unique<Impl>(sql_of(transaction.session()))) {}
FeedWriter::~FeedWriter() = default;

void FeedWriter::put(ServiceName service, const FeedRecord& row) {
  impl_->service = to_text(service);
  impl_->kind = to_text(row.kind);
  impl_->name = row.key;
  impl_->seq = static_cast<long long>(row.seq);
  impl_->revision = static_cast<long long>(row.revision);
  impl_->deleted = row.deleted ? 1 : 0;
  impl_->content = row.content;
  impl_->statement.execute(true);
}

void put_feed_row(Transaction& transaction, ServiceName service, FeedRecord row) {
  row.seq = static_cast<std::uint64_t>(transaction.next("feed"));
  FeedWriter(transaction).put(service, row);
}

void delete_feed(Transaction& transaction) { sql_of(transaction.session()) << "DELETE FROM feed"; }

std::uint64_t newest_sequence(Session& session, ServiceName service) {
  const std::string name(to_text(service));
  long long newest = 0;
  sql_of(session) << "SELECT COALESCE(MAX(seq), 0) FROM feed WHERE service = :service",
      soci::use(name), soci::into(newest);
  return static_cast<std::uint64_t>(newest);
}

FeedPage read_feed(Session& session, ServiceName service, std::uint64_t seq, std::int64_t limit) {
  const std::string name(to_text(service));
  const auto newest = static_cast<long long>(newest_sequence(session, service));
  const auto after = static_cast<long long>(seq);
  const long long most = limit;
  long long revision = 0;
  soci::session& sql = sql_of(session);
  sql << "SELECT COALESCE(MAX(revision), 0) FROM feed WHERE service = :service AND seq = :newest",
      soci::use(name), soci::use(newest), soci::into(revision);
  FeedPage page;
  page.rows = to_records((sql.prepare << "SELECT " << kFeedColumns
                                      << " FROM feed WHERE service = :service AND seq > :after "
                                         "ORDER BY seq LIMIT :most",
                          soci::use(name), soci::use(after), soci::use(most)));
  page.seq = page.rows.empty() ? seq : page.rows.back().seq;
  page.complete = page.seq >= static_cast<std::uint64_t>(newest);
  page.revision = static_cast<Revision>(revision);
  return page;
}

std::optional<FeedRecord> find_feed_row(Session& session, ServiceName service, RowKind kind,
                                        const std::string& key) {
  const std::string service_name(to_text(service));
  const std::string kind_name(to_text(kind));
  auto found = to_records((sql_of(session).prepare
                               << "SELECT " << kFeedColumns
                               << " FROM feed WHERE service = :service AND kind = :kind AND "
                                  "name = :key AND deleted = 0",
                           soci::use(service_name), soci::use(kind_name), soci::use(key)));
  if (found.empty()) {
    return std::nullopt;
  }
  return std::move(found.front());
}

void forget_feed_rows(Transaction& transaction, ServiceName service, RowKind kind,
                      const std::string& prefix) {
  const std::string service_name(to_text(service));
  const std::string kind_name(to_text(kind));
  const std::string end = end_of_keys(prefix);
  sql_of(transaction.session()) << "DELETE FROM feed WHERE service = :service AND kind = :kind AND "
                                   "name >= :first AND name < :last",
      soci::use(service_name), soci::use(kind_name), soci::use(prefix), soci::use(end);
}

std::vector<FeedRecord> feed_rows(Session& session, ServiceName service, RowKind kind,
                                  const std::string& prefix) {
  const std::string service_name(to_text(service));
  const std::string kind_name(to_text(kind));
  const std::string end = end_of_keys(prefix);
  return to_records(
      (sql_of(session).prepare << "SELECT " << kFeedColumns
                               << " FROM feed WHERE service = :service AND kind = :kind AND "
                                  "name >= :first AND name < :last AND deleted = 0 ORDER BY name",
       soci::use(service_name), soci::use(kind_name), soci::use(prefix), soci::use(end)));
}

}  // namespace podplay::store
