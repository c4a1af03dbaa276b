// One list of columns for each table serves reading and writing, so that their order cannot differ.
#include "store/acme.hpp"

#include "store/connection.hpp"
#include "store/words.hpp"

namespace podplay::store {
namespace {

constexpr const char* kAccountColumns =
    "name, directory, ca, trusted, state, url, contact, terms, external_id, created, updated";
constexpr const char* kOrderColumns =
    "id, certificate, account, state, names, replaces, forced, issuance, installed, "
    "previous_version, previous_issuer, error, failed_names, created, ended";
constexpr const char* kChallengeColumns =
    "token, type, identifier, key_authorization, zone, txt_name, txt_value, created";

using Rows = soci::rowset<soci::row>;

std::vector<AcmeAccount> to_accounts(const Rows& rows) {
  std::vector<AcmeAccount> accounts;
  for (const soci::row& row : rows) {
    accounts.push_back(
        {.name = row.get<std::string>(0),
         .directory = row.get<std::string>(1),
         .ca = row.get<std::string>(2),
         .trusted = row.get<long long>(3) != 0,
         .state =
             parse_acme_account_state(row.get<std::string>(4)).value_or(AcmeAccountState::wanted),
         .url = row.get<std::string>(5),
         .contact = split_words(row.get<std::string>(6)),
         .terms = row.get<std::string>(7),
         .external_id = row.get<std::string>(8),
         .created = from_millis(row.get<long long>(9)),
         .updated = from_millis(row.get<long long>(10))});
  }
  return accounts;
}

OrderState order_state(const std::string& text) {
  for (const OrderState state : {OrderState::done, OrderState::failed, OrderState::abandoned}) {
    if (to_text(state) == text) {
      return state;
    }
  }
  return OrderState::open;
}

std::vector<AcmeOrder> to_orders(const Rows& rows) {
  std::vector<AcmeOrder> orders;
  for (const soci::row& row : rows) {
    orders.push_back({.id = row.get<long long>(0),
                      .certificate = row.get<std::string>(1),
                      .account = row.get<std::string>(2),
                      .state = order_state(row.get<std::string>(3)),
                      .names = split_words(row.get<std::string>(4)),
                      .replaces = row.get<std::string>(5),
                      .forced = row.get<long long>(6) != 0,
                      .issuance = row.get<std::string>(7),
                      .installed = static_cast<Revision>(row.get<long long>(8)),
                      .previous_version = row.get<std::string>(9),
                      .previous_issuer = row.get<std::string>(10),
                      .error = row.get<std::string>(11),
                      .failed_names = split_words(row.get<std::string>(12)),
                      .created = from_millis(row.get<long long>(13)),
                      .ended = from_millis(row.get<long long>(14))});
  }
  return orders;
}

std::vector<AcmeChallenge> to_challenges(const Rows& rows) {
  std::vector<AcmeChallenge> challenges;
  for (const soci::row& row : rows) {
    challenges.push_back({.token = row.get<std::string>(0),
                          .type = row.get<std::string>(1),
                          .identifier = row.get<std::string>(2),
                          .key_authorization = row.get<std::string>(3),
                          .zone = row.get<std::string>(4),
                          .txt_name = row.get<std::string>(5),
                          .txt_value = row.get<std::string>(6),
                          .created = from_millis(row.get<long long>(7))});
  }
  return challenges;
}

}  // namespace

std::optional<AcmeAccount> find_acme_account(Session& session, const std::string& name) {
  return first_of(to_accounts((sql_of(session).prepare << "SELECT " << kAccountColumns
                                                       << " FROM acme_accounts WHERE name = :name",
                               soci::use(name))));
}

std::vector<AcmeAccount> list_acme_accounts(Session& session) {
  return to_accounts((sql_of(session).prepare << "SELECT " << kAccountColumns
                                              << " FROM acme_accounts ORDER BY name"));
}

void put_acme_account(Transaction& transaction, const AcmeAccount& account) {
  const long long trusted = account.trusted ? 1 : 0;
  const std::string state(to_text(account.state));
  const std::string contact = join_words(account.contact);
  const long long created = to_millis(account.created);
  const long long updated = to_millis(account.updated);
  sql_of(transaction.session())
      << "INSERT INTO acme_accounts (" << kAccountColumns
      << ") VALUES (:name, :directory, :ca, :trusted, :state, :url, :contact, :terms, "
         ":external_id, :created, :updated) ON CONFLICT (name) DO UPDATE SET "
         "directory = excluded.directory, ca = excluded.ca, trusted = excluded.trusted, "
         "state = excluded.state, url = excluded.url, contact = excluded.contact, "
         "terms = excluded.terms, external_id = excluded.external_id, updated = excluded.updated",
      soci::use(account.name), soci::use(account.directory), soci::use(account.ca),
      soci::use(trusted), soci::use(state), soci::use(account.url), soci::use(contact),
      soci::use(account.terms), soci::use(account.external_id), soci::use(created),
      soci::use(updated);
}

void delete_acme_account(Transaction& transaction, const std::string& name) {
  sql_of(transaction.session()) << "DELETE FROM acme_accounts WHERE name = :name", soci::use(name);
}

std::string_view to_text(OrderState state) {
  switch (state) {
    case OrderState::open: return "open";
    case OrderState::done: return "done";
    case OrderState::failed: return "failed";
    case OrderState::abandoned: return "abandoned";
  }
  return "";
}

std::optional<AcmeOrder> find_open_order(Session& session, const std::string& certificate) {
  return first_of(
      to_orders((sql_of(session).prepare
                     << "SELECT " << kOrderColumns
                     << " FROM acme_orders WHERE certificate = :certificate AND state = 'open'",
                 soci::use(certificate))));
}

std::vector<AcmeOrder> list_orders(Session& session, const std::string& certificate,
                                   std::int64_t limit) {
  const long long most = limit;
  return to_orders((sql_of(session).prepare << "SELECT " << kOrderColumns
                                            << " FROM acme_orders WHERE certificate = "
                                               ":certificate ORDER BY id DESC LIMIT :most",
                    soci::use(certificate), soci::use(most)));
}

std::vector<AcmeOrder> list_orders_since(Session& session, const std::string& account,
                                         WallTime since) {
  const long long from = to_millis(since);
  return to_orders((sql_of(session).prepare << "SELECT " << kOrderColumns
                                            << " FROM acme_orders WHERE account = :account AND "
                                               "created >= :since ORDER BY created DESC",
                    soci::use(account), soci::use(from)));
}

std::int64_t count_open_orders(Session& session, const std::string& account) {
  long long count = 0;
  sql_of(session) << "SELECT COUNT(*) FROM acme_orders WHERE account = :account AND state = 'open'",
      soci::use(account), soci::into(count);
  return count;
}

void put_order(Transaction& transaction, const AcmeOrder& order) {
  const long long id = order.id;
  const std::string state(to_text(order.state));
  const std::string names = join_words(order.names);
  const std::string failed = join_words(order.failed_names);
  const long long forced = order.forced ? 1 : 0;
  const auto installed = static_cast<long long>(order.installed);
  const long long created = to_millis(order.created);
  const long long ended = to_millis(order.ended);
  sql_of(transaction.session())
      << "INSERT INTO acme_orders (" << kOrderColumns
      << ") VALUES (:id, :certificate, :account, :state, :names, :replaces, :forced, :issuance, "
         ":installed, :previous, :issuer, :error, :failed, :created, :ended) ON CONFLICT (id) DO "
         "UPDATE SET state = excluded.state, replaces = excluded.replaces, "
         "forced = excluded.forced, issuance = excluded.issuance, "
         "installed = excluded.installed, previous_version = excluded.previous_version, "
         "previous_issuer = excluded.previous_issuer, error = excluded.error, "
         "failed_names = excluded.failed_names, ended = excluded.ended",
      soci::use(id), soci::use(order.certificate), soci::use(order.account), soci::use(state),
      soci::use(names), soci::use(order.replaces), soci::use(forced), soci::use(order.issuance),
      soci::use(installed), soci::use(order.previous_version), soci::use(order.previous_issuer),
      soci::use(order.error), soci::use(failed), soci::use(created), soci::use(ended);
}

std::int64_t delete_ended_orders(Transaction& transaction, WallTime time, std::int64_t limit) {
  const long long before = to_millis(time);
  const long long most = limit;
  soci::statement statement =
      (sql_of(transaction.session()).prepare
           << "DELETE FROM acme_orders WHERE id IN (SELECT id FROM acme_orders WHERE state <> "
              "'open' AND created < :before ORDER BY id LIMIT :most)",
       soci::use(before), soci::use(most));
  statement.execute(true);
  return statement.get_affected_rows();
}

std::optional<AcmeChallenge> find_challenge(Session& session, const std::string& token) {
  return first_of(
      to_challenges((sql_of(session).prepare << "SELECT " << kChallengeColumns
                                             << " FROM acme_challenges WHERE token = :token",
                     soci::use(token))));
}

std::vector<AcmeChallenge> list_challenges(Session& session) {
  return to_challenges((sql_of(session).prepare << "SELECT " << kChallengeColumns
                                                << " FROM acme_challenges ORDER BY token"));
}

std::vector<AcmeChallenge> list_zone_challenges(Session& session, const std::string& zone) {
  return to_challenges((sql_of(session).prepare
                            << "SELECT " << kChallengeColumns
                            << " FROM acme_challenges WHERE zone = :zone ORDER BY token",
                        soci::use(zone)));
}

void put_challenge(Transaction& transaction, const AcmeChallenge& challenge) {
  const long long created = to_millis(challenge.created);
  sql_of(transaction.session())
      << "INSERT INTO acme_challenges (" << kChallengeColumns
      << ") VALUES (:token, :type, :identifier, :key_authorization, :zone, :txt_name, :txt_value, "
         ":created) ON CONFLICT (token) DO NOTHING",
      soci::use(challenge.token), soci::use(challenge.type), soci::use(challenge.identifier),
      soci::use(challenge.key_authorization), soci::use(challenge.zone),
      soci::use(challenge.txt_name), soci::use(challenge.txt_value), soci::use(created);
}

void delete_challenge(Transaction& transaction, const std::string& token) {
  sql_of(transaction.session()) << "DELETE FROM acme_challenges WHERE token = :token",
      soci::use(token);
}

}  // namespace podplay::store
