// Times are milliseconds since 1970, and booleans are 0 or 1.
#include "store/contacts.hpp"

#include "store/connection.hpp"

namespace podplay::store {
namespace {

constexpr const char* kContactColumns = "user_id, language, recovery_address, updated";
constexpr const char* kRecoveryChangeColumns =
    "user_id, address, old_confirmed, new_confirmed, expires";
constexpr const char* kDeletionColumns =
    "user_id, email, domain, requested, due, remote_address, revision";
constexpr const char* kExportColumns =
    "user_id, id, state, words, done, total, bytes, created, finished, expires";
constexpr const char* kLetterColumns =
    "id, kind, user_id, registration, recipient, language, facts, created";

std::string select_deletions(const std::string& rest) {
  return std::string("SELECT ") + kDeletionColumns + " FROM deletions " + rest;
}

std::string select_exports(const std::string& rest) {
  return std::string("SELECT ") + kExportColumns + " FROM exports " + rest;
}

std::vector<Deletion> to_deletions(const soci::rowset<soci::row>& rows) {
  std::vector<Deletion> found;
  for (const soci::row& row : rows) {
    found.push_back({.user_id = row.get<long long>(0),
                     .email = row.get<std::string>(1),
                     .domain = row.get<std::string>(2),
                     .requested = from_millis(row.get<long long>(3)),
                     .due = from_millis(row.get<long long>(4)),
                     .remote_address = row.get<std::string>(5),
                     .revision = static_cast<Revision>(row.get<long long>(6))});
  }
  return found;
}

std::vector<Export> to_exports(const soci::rowset<soci::row>& rows) {
  std::vector<Export> found;
  for (const soci::row& row : rows) {
    found.push_back(
        {.user_id = row.get<long long>(0),
         .id = row.get<long long>(1),
         .state = parse_export_state(row.get<std::string>(2)).value_or(ExportState::failed),
         .words = row.get<std::string>(3),
         .done = row.get<long long>(4),
         .total = row.get<long long>(5),
         .bytes = row.get<long long>(6),
         .created = from_millis(row.get<long long>(7)),
         .finished = from_millis(row.get<long long>(8)),
         .expires = from_millis(row.get<long long>(9))});
  }
  return found;
}

}  // namespace

std::optional<Contact> find_contact(Session& session, std::int64_t user_id) {
  const long long user = user_id;
  const soci::rowset<soci::row> rows =
      (sql_of(session).prepare << "SELECT " << kContactColumns
                               << " FROM contacts WHERE user_id = :user",
       soci::use(user));
  for (const soci::row& row : rows) {
    return Contact{.user_id = row.get<long long>(0),
                   .language = row.get<std::string>(1),
                   .recovery_address = row.get<std::string>(2),
                   .updated = from_millis(row.get<long long>(3))};
  }
  return std::nullopt;
}

void put_contact(Transaction& transaction, const Contact& contact) {
  const long long user = contact.user_id;
  const long long updated = to_millis(contact.updated);
  sql_of(transaction.session())
      << "INSERT INTO contacts (" << kContactColumns
      << ") VALUES (:user, :language, :recovery, :updated) ON CONFLICT (user_id) DO UPDATE SET "
         "language = excluded.language, recovery_address = excluded.recovery_address, "
         "updated = excluded.updated",
      soci::use(user), soci::use(contact.language), soci::use(contact.recovery_address),
      soci::use(updated);
}

std::optional<RecoveryChange> find_recovery_change(Session& session, std::int64_t user_id) {
  const long long user = user_id;
  const soci::rowset<soci::row> rows =
      (sql_of(session).prepare << "SELECT " << kRecoveryChangeColumns
                               << " FROM recovery_changes WHERE user_id = :user",
       soci::use(user));
  for (const soci::row& row : rows) {
    return RecoveryChange{.user_id = row.get<long long>(0),
                          .address = row.get<std::string>(1),
                          .old_confirmed = row.get<long long>(2) != 0,
                          .new_confirmed = row.get<long long>(3) != 0,
                          .expires = from_millis(row.get<long long>(4))};
  }
  return std::nullopt;
}

void put_recovery_change(Transaction& transaction, const RecoveryChange& change) {
  const long long user = change.user_id;
  const long long old_confirmed = change.old_confirmed ? 1 : 0;
  const long long new_confirmed = change.new_confirmed ? 1 : 0;
  const long long expires = to_millis(change.expires);
  sql_of(transaction.session())
      << "INSERT INTO recovery_changes (" << kRecoveryChangeColumns
      << ") VALUES (:user, :address, :old, :new, :expires) ON CONFLICT (user_id) DO UPDATE SET "
         "address = excluded.address, old_confirmed = excluded.old_confirmed, "
         "new_confirmed = excluded.new_confirmed, expires = excluded.expires",
      soci::use(user), soci::use(change.address), soci::use(old_confirmed),
      soci::use(new_confirmed), soci::use(expires);
}

void delete_recovery_change(Transaction& transaction, std::int64_t user_id) {
  const long long user = user_id;
  sql_of(transaction.session()) << "DELETE FROM recovery_changes WHERE user_id = :user",
      soci::use(user);
}

std::optional<Deletion> find_deletion(Session& session, std::int64_t user_id) {
  const long long user = user_id;
  auto found = to_deletions(
      (sql_of(session).prepare << select_deletions("WHERE user_id = :user"), soci::use(user)));
  if (found.empty()) {
    return std::nullopt;
  }
  return std::move(found.front());
}

std::vector<Deletion> list_deletions(Session& session, const std::string& domain,
                                     std::int64_t after, std::int64_t limit) {
  const long long from = after;
  const long long most = limit;
  if (domain.empty()) {
    return to_deletions(
        (sql_of(session).prepare << select_deletions("WHERE user_id > :after AND revision = 0 "
                                                     "ORDER BY user_id LIMIT :most"),
         soci::use(from), soci::use(most)));
  }
  return to_deletions((sql_of(session).prepare << select_deletions(
                           "WHERE domain = :domain AND user_id > :after AND revision = 0 "
                           "ORDER BY user_id LIMIT :most"),
                       soci::use(domain), soci::use(from), soci::use(most)));
}

void put_deletion(Transaction& transaction, const Deletion& deletion) {
  const long long user = deletion.user_id;
  const long long requested = to_millis(deletion.requested);
  const long long due = to_millis(deletion.due);
  const auto revision = static_cast<long long>(deletion.revision);
  sql_of(transaction.session())
      << "INSERT INTO deletions (" << kDeletionColumns
      << ") VALUES (:user, :email, :domain, :requested, :due, :remote, :revision) ON CONFLICT "
         "(user_id) DO UPDATE SET requested = excluded.requested, due = excluded.due, "
         "remote_address = excluded.remote_address, revision = excluded.revision",
      soci::use(user), soci::use(deletion.email), soci::use(deletion.domain), soci::use(requested),
      soci::use(due), soci::use(deletion.remote_address), soci::use(revision);
}

void delete_deletion(Transaction& transaction, std::int64_t user_id) {
  const long long user = user_id;
  sql_of(transaction.session()) << "DELETE FROM deletions WHERE user_id = :user", soci::use(user);
}

std::optional<Export> find_export(Session& session, std::int64_t user_id) {
  const long long user = user_id;
  auto found = to_exports(
      (sql_of(session).prepare << select_exports("WHERE user_id = :user"), soci::use(user)));
  if (found.empty()) {
    return std::nullopt;
  }
  return std::move(found.front());
}

void put_export(Transaction& transaction, const Export& copy) {
  delete_export(transaction, copy.user_id);
  const long long user = copy.user_id;
  const long long id = copy.id;
  const std::string state(to_text(copy.state));
  const long long done = copy.done;
  const long long total = copy.total;
  const long long bytes = copy.bytes;
  const long long created = to_millis(copy.created);
  const long long finished = to_millis(copy.finished);
  const long long expires = to_millis(copy.expires);
  sql_of(transaction.session())
      << "INSERT INTO exports (" << kExportColumns
      << ") VALUES (:user, :id, :state, :words, :done, :total, :bytes, :created, :finished, "
         ":expires)",
      soci::use(user), soci::use(id), soci::use(state), soci::use(copy.words), soci::use(done),
      soci::use(total), soci::use(bytes), soci::use(created), soci::use(finished),
      soci::use(expires);
}

void update_export(Transaction& transaction, const Export& copy) {
  const long long user = copy.user_id;
  const long long id = copy.id;
  const std::string state(to_text(copy.state));
  const long long done = copy.done;
  const long long total = copy.total;
  const long long bytes = copy.bytes;
  const long long finished = to_millis(copy.finished);
  const long long expires = to_millis(copy.expires);
  sql_of(transaction.session())
      << "UPDATE exports SET state = :state, words = :words, done = :done, total = :total, bytes = "
         ":bytes, finished = :finished, expires = :expires WHERE user_id = :user AND id = :id",
      soci::use(state), soci::use(copy.words), soci::use(done), soci::use(total), soci::use(bytes),
      soci::use(finished), soci::use(expires), soci::use(user), soci::use(id);
}

void delete_export(Transaction& transaction, std::int64_t user_id) {
  const long long user = user_id;
  sql_of(transaction.session()) << "DELETE FROM exports WHERE user_id = :user", soci::use(user);
}

std::vector<Export> list_exports_expired(Session& session, WallTime now, std::int64_t limit) {
  const long long at = to_millis(now);
  const long long most = limit;
  return to_exports((sql_of(session).prepare << select_exports(
                         "WHERE expires > 0 AND expires < :at ORDER BY expires LIMIT :most"),
                     soci::use(at), soci::use(most)));
}

std::vector<std::int64_t> list_export_ids(Session& session) {
  const soci::rowset<long long> rows = (sql_of(session).prepare << "SELECT id FROM exports");
  return {rows.begin(), rows.end()};
}

void insert_letter(Transaction& transaction, const Letter& letter) {
  const long long id = letter.id;
  const std::string kind(to_text(letter.kind));
  const long long user = letter.user_id;
  const long long registration = letter.registration;
  const long long created = to_millis(letter.created);
  sql_of(transaction.session())
      << "INSERT INTO letters (" << kLetterColumns
      << ") VALUES (:id, :kind, :user, :registration, :recipient, :language, :facts, :created)",
      soci::use(id), soci::use(kind), soci::use(user), soci::use(registration),
      soci::use(letter.recipient), soci::use(letter.language), soci::use(letter.facts),
      soci::use(created);
}

std::optional<Letter> find_letter(Session& session, std::int64_t id) {
  const long long key = id;
  const soci::rowset<soci::row> rows =
      (sql_of(session).prepare << "SELECT " << kLetterColumns << " FROM letters WHERE id = :id",
       soci::use(key));
  for (const soci::row& row : rows) {
    return Letter{.id = row.get<long long>(0),
                  .kind = parse_letter_kind(row.get<std::string>(1)).value_or(LetterKind::note),
                  .user_id = row.get<long long>(2),
                  .registration = row.get<long long>(3),
                  .recipient = row.get<std::string>(4),
                  .language = row.get<std::string>(5),
                  .facts = row.get<std::string>(6),
                  .created = from_millis(row.get<long long>(7))};
  }
  return std::nullopt;
}

void delete_letter(Transaction& transaction, std::int64_t id) {
  const long long key = id;
  sql_of(transaction.session()) << "DELETE FROM letters WHERE id = :id", soci::use(key);
}

std::int64_t delete_letters_before(Transaction& transaction, WallTime time, std::int64_t limit) {
  const long long before = to_millis(time);
  const long long most = limit;
  return affected((sql_of(transaction.session()).prepare
                       << "DELETE FROM letters WHERE id IN (SELECT id FROM letters WHERE created < "
                          ":before ORDER BY id LIMIT :most)",
                   soci::use(before), soci::use(most)));
}

std::int64_t count_letters_before(Session& session, WallTime time) {
  const long long before = to_millis(time);
  long long count = 0;
  sql_of(session) << "SELECT COUNT(*) FROM letters WHERE created < :before", soci::use(before),
      soci::into(count);
  return count;
}

}  // namespace podplay::store
