// Users are read all the time, so their statements are prepared once for each connection. Only
// those who administer something cost a second read, for their domains.
#include "store/users.hpp"

#include <algorithm>

#include "store/connection.hpp"
#include "store/grants.hpp"

namespace podplay::store {
namespace {

std::string join_offers(const std::set<Offer>& offers) {
  std::string text;
  for (const Offer offer : offers) {
    text += (text.empty() ? "" : ",") + std::string(to_text(offer));
  }
  return text;
}

std::set<Offer> split_offers(std::string_view text) {
  std::set<Offer> offers;
  while (!text.empty()) {
    const std::size_t comma = std::min(text.find(','), text.size());
    if (const auto offer = parse_offer(text.substr(0, comma))) {
      offers.insert(*offer);
    }
    text.remove_prefix(std::min(comma + 1, text.size()));
  }
  return offers;
}

UserColumns to_columns(const User& user) {
  return {.id = user.id,
          .owner = user.owner,
          .email = user.email,
          .username = user.username,
          .domain = user.domain,
          .password_hash = user.password_hash,
          .role = std::string(to_text(user.role)),
          .enabled = user.enabled ? 1 : 0,
          .quota = user.quota,
          .services = join_offers(user.offers),
          .created = to_millis(user.created),
          .updated = to_millis(user.updated),
          .revision = static_cast<long long>(user.revision)};
}

// What is written of a user. store/factors writes one column more, second_factor.
constexpr const char* kUserColumns =
    "id, owner, email, username, domain, password_hash, role, enabled, quota, services, created, "
    "updated, revision";

// Gives `bind` each value, in the order of kUserColumns.
template <class Bind>
void bind_each(UserColumns& row, const Bind& bind) {
  bind(row.id);
  bind(row.owner);
  bind(row.email);
  bind(row.username);
  bind(row.domain);
  bind(row.password_hash);
  bind(row.role);
  bind(row.enabled);
  bind(row.quota);
  bind(row.services);
  bind(row.created);
  bind(row.updated);
  bind(row.revision);
}

void prepare_select(soci::statement& statement, UserColumns& row, const std::string& where) {
  bind_each(row, [&](auto& value) { statement.exchange(soci::into(value)); });
  statement.exchange(soci::into(row.second_factor));
  statement.alloc();
  statement.prepare(std::string("SELECT ") + kUserColumns + ", second_factor FROM users WHERE " +
                    where);
  statement.define_and_bind();
}

void prepare_insert(soci::statement& statement, UserColumns& row) {
  bind_each(row, [&](auto& value) { statement.exchange(soci::use(value)); });
  statement.alloc();
  statement.prepare(std::string("INSERT INTO users (") + kUserColumns +
                    ") VALUES (:id, :owner, :email, :username, :domain, :hash, :role, :enabled, "
                    ":quota, :services, :created, :updated, :revision)");
  statement.define_and_bind();
}

void fill_domains(Session& session, User& user) {
  if (user.role != Role::user) {
    user.domains = granted_domains(session, user.id);
  }
}

std::optional<User> with_domains(Session& session, std::optional<User> user) {
  if (user) {
    fill_domains(session, *user);
  }
  return user;
}

}  // namespace

User UserColumns::to_user() const {
  return {.id = id,
          .owner = owner,
          .email = email,
          .username = username,
          .domain = domain,
          .password_hash = password_hash,
          .role = parse_role(role).value_or(Role::user),
          .enabled = enabled != 0,
          .quota = quota,
          .offers = split_offers(services),
          .created = from_millis(created),
          .updated = from_millis(updated),
          .revision = static_cast<Revision>(revision),
          .second_factor = second_factor != 0};
}

template <class Key>
UserQuery<Key>::UserQuery(soci::session& sql, const std::string& where) : statement(sql) {
  statement.exchange(soci::use(key));
  prepare_select(statement, row, where);
}

template <class Key>
std::optional<User> UserQuery<Key>::find(const Key& wanted) {
  key = wanted;
  std::optional<User> user;
  if (statement.execute(true)) {
    user = row.to_user();
    // Read to the end, so that SQLite lets go of its snapshot.
    while (statement.fetch()) {
    }
  }
  return user;
}

UserPageQuery::UserPageQuery(soci::session& sql, const std::string& where) : statement(sql) {
  if (!where.empty()) {
    statement.exchange(soci::use(domain));
  }
  statement.exchange(soci::use(after));
  statement.exchange(soci::use(limit));
  prepare_select(statement, row, where + "id > :after ORDER BY id LIMIT :limit");
}

std::optional<User> find_user(Session& session, std::int64_t id) {
  auto& query = session.connection().user_by_id;
  if (!query) {
    query = std::make_unique<UserQuery<long long>>(sql_of(session), "id = :id");
  }
  return with_domains(session, query->find(id));
}

std::optional<User> find_user(Session& session, const std::string& email) {
  auto& query = session.connection().user_by_email;
  if (!query) {
    query = std::make_unique<UserQuery<std::string>>(sql_of(session), "email = :email");
  }
  return with_domains(session, query->find(email));
}

std::vector<User> list_users(Session& session, const std::string& domain, std::int64_t after,
                             std::int64_t limit) {
  auto& query =
      domain.empty() ? session.connection().user_page : session.connection().user_page_of_domain;
  if (!query) {
    query = std::make_unique<UserPageQuery>(sql_of(session),
                                            domain.empty() ? "" : "domain = :domain AND ");
  }
  query->domain = domain;
  query->after = after;
  query->limit = limit;
  std::vector<User> users;
  users.reserve(static_cast<std::size_t>(std::min<std::int64_t>(limit, 512)));
  for (bool more = query->statement.execute(true); more; more = query->statement.fetch()) {
    users.push_back(query->row.to_user());
  }
  for (User& user : users) {
    fill_domains(session, user);
  }
  return users;
}

std::int64_t count_users(Session& session, const std::string& domain) {
  long long count = 0;
  sql_of(session) << "SELECT COUNT(*) FROM users WHERE domain = :domain", soci::use(domain),
      soci::into(count);
  return count;
}

std::int64_t count_enabled_admins(Session& session) {
  long long count = 0;
  sql_of(session) << "SELECT COUNT(*) FROM users WHERE role = 'admin' AND enabled = 1",
      soci::into(count);
  return count;
}

std::vector<User> list_enabled_admins(Session& session, std::int64_t limit) {
  const long long most = limit;
  const soci::rowset<soci::row> rows =
      (sql_of(session).prepare << "SELECT id FROM users WHERE role = 'admin' AND enabled = 1 "
                                  "ORDER BY id LIMIT :most",
       soci::use(most));
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

struct UserInserter::Impl {
  UserColumns row;
  soci::statement statement;
  explicit Impl(soci::session& sql) : statement(sql) { prepare_insert(statement, row); }
};

UserInserter::UserInserter(Transaction& transaction)
    : impl_(std::make_unique<Impl>(sql_of(transaction.session()))) {}
UserInserter::~UserInserter() = default;

void UserInserter::insert(const User& user) {
  impl_->row = to_columns(user);
  impl_->statement.execute(true);
}

void insert_user(Transaction& transaction, const User& user) {
  UserInserter(transaction).insert(user);
  if (user.role != Role::user) {
    put_grants(transaction, user, user.created);
  }
}

void update_user(Transaction& transaction, const User& user) {
  const UserColumns row = to_columns(user);
  sql_of(transaction.session())
      << "UPDATE users SET username = :username, password_hash = :hash, role = :role, enabled = "
         ":enabled, quota = :quota, "
         "services = :services, updated = :updated, revision = :revision WHERE id = :id",
      soci::use(row.username), soci::use(row.password_hash), soci::use(row.role),
      soci::use(row.enabled), soci::use(row.quota), soci::use(row.services), soci::use(row.updated),
      soci::use(row.revision), soci::use(row.id);
  put_grants(transaction, user, user.updated);
}

void delete_user(Transaction& transaction, std::int64_t id) {
  const long long key = id;
  sql_of(transaction.session()) << "DELETE FROM users WHERE id = :id", soci::use(key);
}

}  // namespace podplay::store
