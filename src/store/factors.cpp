// What may be used once is used by an UPDATE or INSERT that counts its rows: of two programs with
// the same code, one gets it.
#include "store/factors.hpp"

#include <algorithm>

#include "store/connection.hpp"

namespace podplay::store {
namespace {

constexpr const char* kTotpColumns = "secret, confirmed, last_step, created, last_used";
constexpr const char* kPasskeyColumns =
    "id, user_id, name, credential, algorithm, public_key, counter, may_be_copied, is_copied, "
    "product, created, last_used";

StoredPasskey to_passkey(const soci::row& row) {
  return {.id = row.get<long long>(0),
          .user_id = row.get<long long>(1),
          .name = row.get<std::string>(2),
          .credential = row.get<std::string>(3),
          .algorithm = row.get<long long>(4),
          .public_key = row.get<std::string>(5),
          .counter = row.get<long long>(6),
          .may_be_copied = row.get<long long>(7) != 0,
          .is_copied = row.get<long long>(8) != 0,
          .product = row.get<std::string>(9),
          .created = from_millis(row.get<long long>(10)),
          .last_used = from_millis(row.get<long long>(11))};
}

template <class Key>
std::vector<StoredPasskey> select_passkeys(Session& session, const char* where, const Key& key) {
  const soci::rowset<soci::row> rows =
      (sql_of(session).prepare << "SELECT " << kPasskeyColumns << " FROM passkeys WHERE " << where
                               << " ORDER BY id",
       soci::use(key));
  std::vector<StoredPasskey> found;
  for (const soci::row& row : rows) {
    found.push_back(to_passkey(row));
  }
  return found;
}

template <class Key>
std::optional<StoredPasskey> select_passkey(Session& session, const char* where, const Key& key) {
  auto found = select_passkeys(session, where, key);
  return found.empty() ? std::nullopt : std::optional(std::move(found.front()));
}

}  // namespace

void set_second_factor(Transaction& transaction, std::int64_t user_id, bool needed) {
  const long long user = user_id;
  const long long value = needed ? 1 : 0;
  sql_of(transaction.session()) << "UPDATE users SET second_factor = :value WHERE id = :id",
      soci::use(value), soci::use(user);
}

std::optional<Totp> find_totp(Session& session, std::int64_t user_id) {
  const long long user = user_id;
  const soci::rowset<soci::row> rows =
      (sql_of(session).prepare << "SELECT " << kTotpColumns << " FROM totp WHERE user_id = :user",
       soci::use(user));
  std::optional<Totp> found;
  for (const soci::row& row : rows) {
    found = Totp{.user_id = user_id,
                 .secret = row.get<std::string>(0),
                 .confirmed = row.get<long long>(1) != 0,
                 .last_step = row.get<long long>(2),
                 .created = from_millis(row.get<long long>(3)),
                 .last_used = from_millis(row.get<long long>(4))};
  }
  return found;
}

void put_totp(Transaction& transaction, const Totp& totp) {
  delete_totp(transaction, totp.user_id);
  const long long user = totp.user_id;
  const long long confirmed = totp.confirmed ? 1 : 0;
  const long long step = totp.last_step;
  const long long created = to_millis(totp.created);
  const long long used = to_millis(totp.last_used);
  sql_of(transaction.session()) << "INSERT INTO totp (user_id, " << kTotpColumns
                                << ") VALUES (:user, :secret, :confirmed, :step, :created, :used)",
      soci::use(user), soci::use(totp.secret), soci::use(confirmed), soci::use(step),
      soci::use(created), soci::use(used);
}

void delete_totp(Transaction& transaction, std::int64_t user_id) {
  const long long user = user_id;
  sql_of(transaction.session()) << "DELETE FROM totp WHERE user_id = :user", soci::use(user);
}

bool use_totp_step(Transaction& transaction, std::int64_t user_id, std::int64_t step,
                   WallTime now) {
  const long long user = user_id;
  const long long number = step;
  const long long used = to_millis(now);
  soci::statement update =
      (sql_of(transaction.session()).prepare
           << "UPDATE totp SET last_step = :step, last_used = :used WHERE user_id = :user AND "
              "last_step < :before",
       soci::use(number), soci::use(used), soci::use(user), soci::use(number));
  update.execute(true);
  return update.get_affected_rows() == 1;
}

void insert_passkey(Transaction& transaction, const StoredPasskey& passkey) {
  const long long id = passkey.id;
  const long long user = passkey.user_id;
  const long long algorithm = passkey.algorithm;
  const long long counter = passkey.counter;
  const long long may = passkey.may_be_copied ? 1 : 0;
  const long long is = passkey.is_copied ? 1 : 0;
  const long long created = to_millis(passkey.created);
  const long long used = to_millis(passkey.last_used);
  sql_of(transaction.session())
      << "INSERT INTO passkeys (" << kPasskeyColumns
      << ") VALUES (:id, :user, :name, :credential, :algorithm, :key, :counter, :may, :is, "
         ":product, :created, :used)",
      soci::use(id), soci::use(user), soci::use(passkey.name), soci::use(passkey.credential),
      soci::use(algorithm), soci::use(passkey.public_key), soci::use(counter), soci::use(may),
      soci::use(is), soci::use(passkey.product), soci::use(created), soci::use(used);
}

std::optional<StoredPasskey> find_passkey(Session& session, std::int64_t id) {
  const long long key = id;
  return select_passkey(session, "id = :id", key);
}

std::optional<StoredPasskey> find_passkey_by_credential(Session& session,
                                                        const std::string& credential) {
  return select_passkey(session, "credential = :credential", credential);
}

std::vector<StoredPasskey> list_passkeys(Session& session, std::int64_t user_id) {
  const long long user = user_id;
  return select_passkeys(session, "user_id = :user", user);
}

void rename_passkey(Transaction& transaction, std::int64_t id, const std::string& name) {
  const long long key = id;
  sql_of(transaction.session()) << "UPDATE passkeys SET name = :name WHERE id = :id",
      soci::use(name), soci::use(key);
}

void note_passkey_use(Transaction& transaction, std::int64_t id, std::int64_t counter,
                      bool is_copied, WallTime now) {
  const long long key = id;
  const long long count = counter;
  const long long copied = is_copied ? 1 : 0;
  const long long used = to_millis(now);
  sql_of(transaction.session()) << "UPDATE passkeys SET counter = :counter, is_copied = :copied, "
                                   "last_used = :used WHERE id = :id",
      soci::use(count), soci::use(copied), soci::use(used), soci::use(key);
}

void delete_passkey(Transaction& transaction, std::int64_t id) {
  const long long key = id;
  sql_of(transaction.session()) << "DELETE FROM passkeys WHERE id = :id", soci::use(key);
}

void delete_passkeys_of(Transaction& transaction, std::int64_t user_id) {
  const long long user = user_id;
  sql_of(transaction.session()) << "DELETE FROM passkeys WHERE user_id = :user", soci::use(user);
}

bool use_challenge(Transaction& transaction, const std::string& hash, WallTime expires,
                   WallTime now) {
  soci::session& sql = sql_of(transaction.session());
  const long long present = to_millis(now);
  const long long end = to_millis(expires);
  sql << "DELETE FROM used_challenges WHERE expires < :now", soci::use(present);
  soci::statement insert = (sql.prepare << "INSERT INTO used_challenges (hash, expires) VALUES "
                                           "(:hash, :expires) ON CONFLICT (hash) DO NOTHING",
                            soci::use(hash), soci::use(end));
  insert.execute(true);
  return insert.get_affected_rows() == 1;
}

RecoveryCodesLeft count_recovery_codes(Session& session, std::int64_t user_id) {
  const long long user = user_id;
  long long left = 0;
  long long created = 0;
  sql_of(session) << "SELECT COUNT(*), COALESCE(MAX(created), 0) FROM recovery_codes WHERE user_id "
                     "= :user AND used = 0",
      soci::use(user), soci::into(left), soci::into(created);
  return {.left = left, .created = from_millis(created)};
}

void put_recovery_codes(Transaction& transaction, std::int64_t user_id,
                        const std::vector<std::string>& hashes, WallTime now) {
  soci::session& sql = sql_of(transaction.session());
  const long long user = user_id;
  const long long created = to_millis(now);
  sql << "DELETE FROM recovery_codes WHERE user_id = :user", soci::use(user);
  for (const std::string& hash : hashes) {
    sql << "INSERT INTO recovery_codes (user_id, hash, created, used) VALUES (:user, :hash, "
           ":created, 0)",
        soci::use(user), soci::use(hash), soci::use(created);
  }
}

bool use_recovery_code(Transaction& transaction, std::int64_t user_id, const std::string& hash,
                       WallTime now) {
  const long long user = user_id;
  const long long used = to_millis(now);
  soci::statement update =
      (sql_of(transaction.session()).prepare
           << "UPDATE recovery_codes SET used = :used WHERE user_id = :user AND hash = :hash AND "
              "used = 0",
       soci::use(used), soci::use(user), soci::use(hash));
  update.execute(true);
  return update.get_affected_rows() == 1;
}

}  // namespace podplay::store
