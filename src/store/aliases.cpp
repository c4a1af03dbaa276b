// Targets are rows of their own and keep their order. An update replaces all of them.
#include "store/aliases.hpp"

#include "store/connection.hpp"

namespace podplay::store {
namespace {

constexpr const char* kAliasColumns = "id, address, domain, enabled, created, updated, revision";

std::string select_aliases(const std::string& rest) {
  return std::string("SELECT ") + kAliasColumns + " FROM aliases " + rest;
}

std::vector<Alias> to_aliases(Session& session, const soci::rowset<soci::row>& rows) {
  std::vector<Alias> aliases;
  for (const soci::row& row : rows) {
    aliases.push_back({.id = row.get<long long>(0),
                       .address = row.get<std::string>(1),
                       .domain = row.get<std::string>(2),
                       .targets = {},
                       .enabled = row.get<long long>(3) != 0,
                       .created = from_millis(row.get<long long>(4)),
                       .updated = from_millis(row.get<long long>(5)),
                       .revision = static_cast<Revision>(row.get<long long>(6))});
  }
  for (Alias& alias : aliases) {
    const long long id = alias.id;
    const soci::rowset<std::string> targets =
        (sql_of(session).prepare
             << "SELECT target FROM alias_targets WHERE alias_id = :id ORDER BY position",
         soci::use(id));
    alias.targets.assign(targets.begin(), targets.end());
  }
  return aliases;
}

void insert_targets(Transaction& transaction, const Alias& alias) {
  const long long id = alias.id;
  long long position = 0;
  for (const std::string& target : alias.targets) {
    sql_of(transaction.session()) << "INSERT INTO alias_targets (alias_id, position, target) "
                                     "VALUES (:id, :position, :target)",
        soci::use(id), soci::use(position), soci::use(target);
    ++position;
  }
}

}  // namespace

std::optional<Alias> find_alias(Session& session, std::int64_t id) {
  const long long key = id;
  return first_of(to_aliases(
      session, (sql_of(session).prepare << select_aliases("WHERE id = :id"), soci::use(key))));
}

std::optional<Alias> find_alias(Session& session, const std::string& address) {
  return first_of(to_aliases(
      session,
      (sql_of(session).prepare << select_aliases("WHERE address = :address"), soci::use(address))));
}

std::vector<Alias> list_aliases(Session& session, const std::string& domain, std::int64_t after,
                                std::int64_t limit) {
  const long long from = after;
  const long long most = limit;
  if (domain.empty()) {
    return to_aliases(session, (sql_of(session).prepare
                                    << select_aliases("WHERE id > :after ORDER BY id LIMIT :most"),
                                soci::use(from), soci::use(most)));
  }
  return to_aliases(session, (sql_of(session).prepare << select_aliases(
                                  "WHERE domain = :domain AND id > :after ORDER BY id LIMIT :most"),
                              soci::use(domain), soci::use(from), soci::use(most)));
}

std::vector<std::string> list_aliases_to(Session& session, const std::string& target) {
  const soci::rowset<std::string> rows =
      (sql_of(session).prepare << "SELECT a.address FROM alias_targets t JOIN aliases a ON a.id = "
                                  "t.alias_id WHERE t.target = :target ORDER BY a.id",
       soci::use(target));
  return {rows.begin(), rows.end()};
}

std::int64_t count_aliases(Session& session, const std::string& domain) {
  long long count = 0;
  sql_of(session) << "SELECT COUNT(*) FROM aliases WHERE domain = :domain", soci::use(domain),
      soci::into(count);
  return count;
}

void insert_alias(Transaction& transaction, const Alias& alias) {
  const long long id = alias.id;
  const long long enabled = alias.enabled ? 1 : 0;
  const long long created = to_millis(alias.created);
  const long long updated = to_millis(alias.updated);
  const long long revision = static_cast<long long>(alias.revision);
  sql_of(transaction.session())
      << "INSERT INTO aliases (" << kAliasColumns
      << ") VALUES (:id, :address, :domain, :enabled, :created, :updated, :revision)",
      soci::use(id), soci::use(alias.address), soci::use(alias.domain), soci::use(enabled),
      soci::use(created), soci::use(updated), soci::use(revision);
  insert_targets(transaction, alias);
}

void update_alias(Transaction& transaction, const Alias& alias) {
  const long long id = alias.id;
  const long long enabled = alias.enabled ? 1 : 0;
  const long long updated = to_millis(alias.updated);
  const long long revision = static_cast<long long>(alias.revision);
  soci::session& sql = sql_of(transaction.session());
  sql << "UPDATE aliases SET enabled = :enabled, updated = :updated, revision = :revision WHERE id "
         "= :id",
      soci::use(enabled), soci::use(updated), soci::use(revision), soci::use(id);
  sql << "DELETE FROM alias_targets WHERE alias_id = :id", soci::use(id);
  insert_targets(transaction, alias);
}

void delete_alias(Transaction& transaction, std::int64_t id) {
  const long long key = id;
  sql_of(transaction.session()) << "DELETE FROM aliases WHERE id = :id", soci::use(key);
}

}  // namespace podplay::store
