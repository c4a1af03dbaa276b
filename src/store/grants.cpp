// A grant stays the one it was when its user is changed: put_grants() writes only the difference.
#include "store/grants.hpp"

#include <algorithm>

#include "store/connection.hpp"
#include "store/users.hpp"

namespace podplay::store {
namespace {

constexpr const char* kGrantColumns = "role, scope, created";

void insert_grant(Transaction& transaction, std::int64_t user_id, const Grant& grant) {
  const long long user = user_id;
  const std::string role(to_text(grant.role));
  const long long created = to_millis(grant.created);
  sql_of(transaction.session()) << "INSERT INTO grants (user_id, " << kGrantColumns
                                << ") VALUES (:user, :role, :scope, :created)",
      soci::use(user), soci::use(role), soci::use(grant.scope), soci::use(created);
}

void delete_grant(Transaction& transaction, std::int64_t user_id, const Grant& grant) {
  const long long user = user_id;
  const std::string role(to_text(grant.role));
  sql_of(transaction.session())
      << "DELETE FROM grants WHERE user_id = :user AND role = :role AND scope = :scope",
      soci::use(user), soci::use(role), soci::use(grant.scope);
}

bool has(const std::vector<Grant>& grants, const Grant& wanted) {
  return std::ranges::any_of(grants, [&](const Grant& grant) {
    return grant.role == wanted.role && grant.scope == wanted.scope;
  });
}

std::vector<Grant> wanted_grants(const User& user, WallTime now) {
  std::vector<Grant> grants;
  if (user.role == Role::admin) {
    grants.push_back({.role = Role::admin, .scope = "", .created = now});
  }
  for (const std::string& domain : user.domains) {
    grants.push_back({.role = Role::domain_admin, .scope = domain, .created = now});
  }
  return grants;
}

}  // namespace

std::vector<Grant> list_grants(Session& session, std::int64_t user_id) {
  const long long user = user_id;
  const soci::rowset<soci::row> rows =
      (sql_of(session).prepare << "SELECT " << kGrantColumns
                               << " FROM grants WHERE user_id = :user ORDER BY role, scope",
       soci::use(user));
  std::vector<Grant> grants;
  for (const soci::row& row : rows) {
    grants.push_back({.role = parse_role(row.get<std::string>(0)).value_or(Role::user),
                      .scope = row.get<std::string>(1),
                      .created = from_millis(row.get<long long>(2))});
  }
  return grants;
}

std::set<std::string> granted_domains(Session& session, std::int64_t user_id) {
  std::set<std::string> domains;
  for (const Grant& grant : list_grants(session, user_id)) {
    if (grant.role == Role::domain_admin) {
      domains.insert(grant.scope);
    }
  }
  return domains;
}

std::vector<User> list_domain_admins(Session& session, const std::string& domain) {
  const soci::rowset<soci::row> rows =
      (sql_of(session).prepare
           << "SELECT g.user_id FROM grants g JOIN users u ON u.id = g.user_id WHERE g.role = "
              "'domain-admin' AND g.scope = :domain ORDER BY u.email",
       soci::use(domain));
  std::vector<std::int64_t> ids;
  for (const soci::row& row : rows) {
    ids.push_back(row.get<long long>(0));
  }
  std::vector<User> users;
  for (const std::int64_t id : ids) {
    if (auto user = find_user(session, id)) {
      users.push_back(std::move(*user));
    }
  }
  return users;
}

void put_grants(Transaction& transaction, const User& user, WallTime now) {
  const std::vector<Grant> before = list_grants(transaction, user.id);
  const std::vector<Grant> after = wanted_grants(user, now);
  for (const Grant& grant : before) {
    if (!has(after, grant)) {
      delete_grant(transaction, user.id, grant);
    }
  }
  for (const Grant& grant : after) {
    if (!has(before, grant)) {
      insert_grant(transaction, user.id, grant);
    }
  }
}

void delete_grants_in(Transaction& transaction, const std::string& domain) {
  soci::session& sql = sql_of(transaction.session());
  sql << "DELETE FROM grants WHERE role = 'domain-admin' AND scope = :domain", soci::use(domain);
  sql << "UPDATE users SET role = 'user' WHERE role = 'domain-admin' AND NOT EXISTS (SELECT 1 "
         "FROM grants WHERE grants.user_id = users.id)";
}

}  // namespace podplay::store
