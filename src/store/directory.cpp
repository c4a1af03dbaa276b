// The feed: rows to and from SQL.
#include "store/directory.hpp"

#include <algorithm>

#include "store/connection.hpp"

namespace podplay::store {
namespace {

// Addresses hold no blank, so a blank parts them.
std::string join(const std::vector<std::string>& parts) {
  std::string text;
  for (const std::string& part : parts) {
    text += (text.empty() ? "" : " ") + part;
  }
  return text;
}

std::vector<std::string> split(std::string_view text) {
  std::vector<std::string> parts;
  while (!text.empty()) {
    const std::size_t blank = std::min(text.find(' '), text.size());
    parts.emplace_back(text.substr(0, blank));
    text.remove_prefix(std::min(blank + 1, text.size()));
  }
  return parts;
}

}  // namespace

struct DirectoryWriter::Impl {
  std::string kind, name, hash, targets;
  long long seq = 0, revision = 0, deleted = 0, enabled = 0, quota = 0, owner = 0;
  soci::statement statement;
  explicit Impl(soci::session& sql)
      : statement(
            (sql.prepare
                 << "INSERT INTO directory (kind, name, seq, revision, deleted, enabled, "
                    "password_hash, quota, targets, owner) "
                    "VALUES (:kind, :name, :seq, :revision, :deleted, :enabled, :hash, :quota, "
                    ":targets, :owner) "
                    "ON CONFLICT (kind, name) DO UPDATE SET seq = excluded.seq, revision = "
                    "excluded.revision, "
                    "deleted = excluded.deleted, enabled = excluded.enabled, password_hash = "
                    "excluded.password_hash, "
                    "quota = excluded.quota, targets = excluded.targets, owner = excluded.owner",
             soci::use(kind), soci::use(name), soci::use(seq), soci::use(revision),
             soci::use(deleted), soci::use(enabled), soci::use(hash), soci::use(quota),
             soci::use(targets), soci::use(owner))) {}
};

DirectoryWriter::DirectoryWriter(Transaction& transaction)
    : impl_(std::make_unique<Impl>(sql_of(transaction.session()))) {}
DirectoryWriter::~DirectoryWriter() = default;

void DirectoryWriter::put(const DirectoryRow& row) {
  impl_->kind = to_text(row.kind);
  impl_->name = row.key;
  impl_->seq = static_cast<long long>(row.seq);
  impl_->revision = static_cast<long long>(row.revision);
  impl_->deleted = row.deleted ? 1 : 0;
  impl_->enabled = row.enabled ? 1 : 0;
  impl_->hash = row.password_hash;
  impl_->quota = row.quota;
  impl_->targets = join(row.targets);
  impl_->owner = row.owner;
  impl_->statement.execute(true);
}

void put_directory_row(Transaction& transaction, DirectoryRow row) {
  row.seq = static_cast<std::uint64_t>(transaction.next("directory"));
  DirectoryWriter(transaction).put(row);
}

std::uint64_t newest_sequence(Session& session) {
  long long newest = 0;
  sql_of(session) << "SELECT COALESCE(MAX(seq), 0) FROM directory", soci::into(newest);
  return static_cast<std::uint64_t>(newest);
}

DirectoryBatch read_directory(Session& session, std::uint64_t seq, std::int64_t limit) {
  DirectoryBatch batch;
  batch.seq = seq;
  soci::session& sql = sql_of(session);
  const std::uint64_t newest = newest_sequence(session);
  long long revision = 0;
  sql << "SELECT COALESCE(MAX(revision), 0) FROM directory WHERE seq = (SELECT MAX(seq) FROM "
         "directory)",
      soci::into(revision);
  const long long after = static_cast<long long>(seq);
  const long long most = limit;
  const soci::rowset<soci::row> rows =
      (sql.prepare << "SELECT kind, name, seq, revision, deleted, enabled, password_hash, quota, "
                      "targets, owner "
                      "FROM directory WHERE seq > :after ORDER BY seq LIMIT :most",
       soci::use(after), soci::use(most));
  for (const soci::row& row : rows) {
    DirectoryRow out;
    out.kind = parse_directory_kind(row.get<std::string>(0)).value_or(DirectoryKind::mailbox);
    out.key = row.get<std::string>(1);
    out.seq = static_cast<std::uint64_t>(row.get<long long>(2));
    out.revision = static_cast<Revision>(row.get<long long>(3));
    out.deleted = row.get<long long>(4) != 0;
    out.enabled = row.get<long long>(5) != 0;
    out.password_hash = row.get<std::string>(6);
    out.quota = row.get<long long>(7);
    out.targets = split(row.get<std::string>(8));
    out.owner = row.get<long long>(9);
    batch.seq = out.seq;
    batch.rows.push_back(std::move(out));
  }
  batch.complete = batch.seq >= newest;
  batch.revision = static_cast<Revision>(revision);
  return batch;
}

}  // namespace podplay::store
