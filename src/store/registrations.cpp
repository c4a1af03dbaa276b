// Times are milliseconds since 1970. A list of domains is one text with commas, which no domain
// has.
#include "store/registrations.hpp"

#include <algorithm>

#include "store/connection.hpp"

namespace podplay::store {
namespace {

constexpr const char* kRegistrationColumns =
    "id, email, domain, password_hash, recovery_address, language, state, created, expires, "
    "remote_address";
constexpr const char* kRuleColumns = "domain, mode, allowed_domains, most_pending, revision";

std::string select_registrations(const std::string& rest) {
  return std::string("SELECT ") + kRegistrationColumns + " FROM registrations " + rest;
}

std::vector<Registration> to_registrations(const soci::rowset<soci::row>& rows) {
  std::vector<Registration> found;
  for (const soci::row& row : rows) {
    found.push_back({.id = row.get<long long>(0),
                     .email = row.get<std::string>(1),
                     .domain = row.get<std::string>(2),
                     .password_hash = row.get<std::string>(3),
                     .recovery_address = row.get<std::string>(4),
                     .language = row.get<std::string>(5),
                     .state = parse_registration_state(row.get<std::string>(6))
                                  .value_or(RegistrationState::unconfirmed),
                     .created = from_millis(row.get<long long>(7)),
                     .expires = from_millis(row.get<long long>(8)),
                     .remote_address = row.get<std::string>(9)});
  }
  return found;
}

std::string join(const std::vector<std::string>& domains) {
  std::string text;
  for (const std::string& domain : domains) {
    text += (text.empty() ? "" : ",") + domain;
  }
  return text;
}

std::vector<std::string> split(std::string_view text) {
  std::vector<std::string> domains;
  while (!text.empty()) {
    const std::size_t comma = std::min(text.find(','), text.size());
    domains.emplace_back(text.substr(0, comma));
    text.remove_prefix(std::min(comma + 1, text.size()));
  }
  return domains;
}

std::vector<RegistrationRule> to_rules(const soci::rowset<soci::row>& rows) {
  std::vector<RegistrationRule> rules;
  for (const soci::row& row : rows) {
    rules.push_back(
        {.domain = row.get<std::string>(0),
         .mode = parse_registration_mode(row.get<std::string>(1)).value_or(RegistrationMode::off),
         .allowed_domains = split(row.get<std::string>(2)),
         .most_pending = row.get<long long>(3),
         .revision = static_cast<Revision>(row.get<long long>(4))});
  }
  return rules;
}

}  // namespace

void insert_registration(Transaction& transaction, const Registration& registration) {
  const long long id = registration.id;
  const std::string state(to_text(registration.state));
  const long long created = to_millis(registration.created);
  const long long expires = to_millis(registration.expires);
  sql_of(transaction.session())
      << "INSERT INTO registrations (" << kRegistrationColumns
      << ") VALUES (:id, :email, :domain, :hash, :recovery, :language, :state, :created, :expires, "
         ":remote)",
      soci::use(id), soci::use(registration.email), soci::use(registration.domain),
      soci::use(registration.password_hash), soci::use(registration.recovery_address),
      soci::use(registration.language), soci::use(state), soci::use(created), soci::use(expires),
      soci::use(registration.remote_address);
}

void update_registration(Transaction& transaction, const Registration& registration) {
  const long long id = registration.id;
  const std::string state(to_text(registration.state));
  const long long expires = to_millis(registration.expires);
  sql_of(transaction.session())
      << "UPDATE registrations SET state = :state, expires = :expires WHERE id = :id",
      soci::use(state), soci::use(expires), soci::use(id);
}

void delete_registration(Transaction& transaction, std::int64_t id) {
  const long long key = id;
  sql_of(transaction.session()) << "DELETE FROM registrations WHERE id = :id", soci::use(key);
}

std::optional<Registration> find_registration(Session& session, std::int64_t id) {
  const long long key = id;
  return first_of(to_registrations(
      (sql_of(session).prepare << select_registrations("WHERE id = :id"), soci::use(key))));
}

std::optional<Registration> find_registration(Session& session, const std::string& email) {
  return first_of(
      to_registrations((sql_of(session).prepare << select_registrations(
                            "WHERE email = :email ORDER BY state DESC, id DESC LIMIT 1"),
                        soci::use(email))));
}

bool waits_for_approval(Session& session, const std::string& email) {
  long long count = 0;
  sql_of(session)
      << "SELECT COUNT(*) FROM registrations WHERE email = :email AND state = 'waiting'",
      soci::use(email), soci::into(count);
  return count > 0;
}

std::vector<Registration> list_registrations(Session& session, const std::string& domain,
                                             std::int64_t after, std::int64_t limit) {
  const long long from = after;
  const long long most = limit;
  if (domain.empty()) {
    return to_registrations((sql_of(session).prepare << select_registrations(
                                 "WHERE id > :after ORDER BY id LIMIT :most"),
                             soci::use(from), soci::use(most)));
  }
  return to_registrations((sql_of(session).prepare << select_registrations(
                               "WHERE domain = :domain AND id > :after ORDER BY id LIMIT :most"),
                           soci::use(domain), soci::use(from), soci::use(most)));
}

std::int64_t count_registrations(Session& session, const std::string& domain, WallTime now) {
  const long long at = to_millis(now);
  long long count = 0;
  sql_of(session) << "SELECT COUNT(*) FROM registrations WHERE domain = :domain AND expires >= :at",
      soci::use(domain), soci::use(at), soci::into(count);
  return count;
}

std::int64_t delete_registrations_expired(Transaction& transaction, WallTime now,
                                          std::int64_t limit) {
  const long long at = to_millis(now);
  const long long most = limit;
  return affected((sql_of(transaction.session()).prepare
                       << "DELETE FROM registrations WHERE id IN (SELECT id FROM registrations "
                          "WHERE expires < :at ORDER BY expires LIMIT :most)",
                   soci::use(at), soci::use(most)));
}

std::int64_t count_registrations_expired(Session& session, WallTime now) {
  const long long at = to_millis(now);
  long long count = 0;
  sql_of(session) << "SELECT COUNT(*) FROM registrations WHERE expires < :at", soci::use(at),
      soci::into(count);
  return count;
}

std::optional<RegistrationRule> find_registration_rule(Session& session,
                                                       const std::string& domain) {
  auto rules =
      to_rules((sql_of(session).prepare << "SELECT " << kRuleColumns
                                        << " FROM registration_rules WHERE domain = :domain",
                soci::use(domain)));
  if (rules.empty()) {
    return std::nullopt;
  }
  return std::move(rules.front());
}

std::vector<RegistrationRule> list_registration_rules(Session& session) {
  return to_rules((sql_of(session).prepare << "SELECT " << kRuleColumns
                                           << " FROM registration_rules ORDER BY domain"));
}

void put_registration_rule(Transaction& transaction, const RegistrationRule& rule) {
  const std::string mode(to_text(rule.mode));
  const std::string allowed = join(rule.allowed_domains);
  const long long most = rule.most_pending;
  const auto revision = static_cast<long long>(rule.revision);
  sql_of(transaction.session())
      << "INSERT INTO registration_rules (" << kRuleColumns
      << ") VALUES (:domain, :mode, :allowed, :most, :revision) ON CONFLICT (domain) DO UPDATE SET "
         "mode = excluded.mode, allowed_domains = excluded.allowed_domains, "
         "most_pending = excluded.most_pending, revision = excluded.revision",
      soci::use(rule.domain), soci::use(mode), soci::use(allowed), soci::use(most),
      soci::use(revision);
}

void delete_registration_rule(Transaction& transaction, const std::string& domain) {
  sql_of(transaction.session()) << "DELETE FROM registration_rules WHERE domain = :domain",
      soci::use(domain);
}

}  // namespace podplay::store
