// Times are milliseconds since 1970 in the store, and booleans are 0 or 1.
#include "store/domains.hpp"

#include "store/connection.hpp"

namespace podplay::store {
namespace {

constexpr const char* kDomainColumns = "id, name, enabled, created, updated, revision";

std::string select_domains(const std::string& rest) {
  return std::string("SELECT ") + kDomainColumns + " FROM domains " + rest;
}

Domain to_domain(const soci::row& row) {
  return {.id = row.get<long long>(0),
          .name = row.get<std::string>(1),
          .enabled = row.get<long long>(2) != 0,
          .created = from_millis(row.get<long long>(3)),
          .updated = from_millis(row.get<long long>(4)),
          .revision = static_cast<Revision>(row.get<long long>(5))};
}

std::vector<Domain> to_domains(const soci::rowset<soci::row>& rows) {
  std::vector<Domain> domains;
  for (const soci::row& row : rows) {
    domains.push_back(to_domain(row));
  }
  return domains;
}

}  // namespace

std::optional<Domain> find_domain(Session& session, const std::string& name) {
  auto found = to_domains(
      (sql_of(session).prepare << select_domains("WHERE name = :name"), soci::use(name)));
  if (found.empty()) {
    return std::nullopt;
  }
  return found.front();
}

std::optional<Domain> find_domain(Session& session, std::int64_t id) {
  const long long key = id;
  auto found =
      to_domains((sql_of(session).prepare << select_domains("WHERE id = :id"), soci::use(key)));
  if (found.empty()) {
    return std::nullopt;
  }
  return found.front();
}

std::vector<Domain> list_domains(Session& session, std::int64_t after, std::int64_t limit) {
  const long long from = after;
  const long long most = limit;
  return to_domains(
      (sql_of(session).prepare << select_domains("WHERE id > :after ORDER BY id LIMIT :most"),
       soci::use(from), soci::use(most)));
}

std::vector<Domain> all_domains(Session& session) {
  return to_domains((sql_of(session).prepare << select_domains("ORDER BY name")));
}

std::int64_t count_domains(Session& session) {
  long long count = 0;
  sql_of(session) << "SELECT COUNT(*) FROM domains", soci::into(count);
  return count;
}

void insert_domain(Transaction& transaction, const Domain& domain) {
  const long long id = domain.id;
  const long long enabled = domain.enabled ? 1 : 0;
  const long long created = to_millis(domain.created);
  const long long updated = to_millis(domain.updated);
  const long long revision = static_cast<long long>(domain.revision);
  sql_of(transaction.session()) << "INSERT INTO domains (" << kDomainColumns
                                << ") VALUES (:id, :name, :enabled, :created, :updated, :revision)",
      soci::use(id), soci::use(domain.name), soci::use(enabled), soci::use(created),
      soci::use(updated), soci::use(revision);
}

void update_domain(Transaction& transaction, const Domain& domain) {
  const long long id = domain.id;
  const long long enabled = domain.enabled ? 1 : 0;
  const long long updated = to_millis(domain.updated);
  const long long revision = static_cast<long long>(domain.revision);
  sql_of(transaction.session()) << "UPDATE domains SET enabled = :enabled, updated = :updated, "
                                   "revision = :revision WHERE id = :id",
      soci::use(enabled), soci::use(updated), soci::use(revision), soci::use(id);
}

void delete_domain(Transaction& transaction, std::int64_t id) {
  const long long key = id;
  sql_of(transaction.session()) << "DELETE FROM domains WHERE id = :id", soci::use(key);
}

}  // namespace podplay::store
