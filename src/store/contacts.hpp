// How persons are reached besides their mailboxes, the accounts that they deleted, the copies of
// their data, and the mails to them that wait.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "model/journey.hpp"
#include "store/store.hpp"

namespace podplay::store {

std::optional<Contact> find_contact(Session& session, std::int64_t user_id);
void put_contact(Transaction& transaction, const Contact& contact);

std::optional<RecoveryChange> find_recovery_change(Session& session, std::int64_t user_id);
void put_recovery_change(Transaction& transaction, const RecoveryChange& change);
void delete_recovery_change(Transaction& transaction, std::int64_t user_id);

std::optional<Deletion> find_deletion(Session& session, std::int64_t user_id);
// By user id, after the id `after`. An empty `domain` means all. Only those that are not erased
// yet.
std::vector<Deletion> list_deletions(Session& session, const std::string& domain,
                                     std::int64_t after, std::int64_t limit);
void put_deletion(Transaction& transaction, const Deletion& deletion);
void delete_deletion(Transaction& transaction, std::int64_t user_id);

std::optional<Export> find_export(Session& session, std::int64_t user_id);
void put_export(Transaction& transaction, const Export& copy);
// Changes the state, but only of the export with this id: a newer one is left alone.
void update_export(Transaction& transaction, const Export& copy);
void delete_export(Transaction& transaction, std::int64_t user_id);
std::vector<Export> list_exports_expired(Session& session, WallTime now, std::int64_t limit);
// Of all that have a file or will have one.
std::vector<std::int64_t> list_export_ids(Session& session);

void insert_letter(Transaction& transaction, const Letter& letter);
std::optional<Letter> find_letter(Session& session, std::int64_t id);
void delete_letter(Transaction& transaction, std::int64_t id);
// Letters that were never taken by Postfix.
std::int64_t delete_letters_before(Transaction& transaction, WallTime time, std::int64_t limit);
std::int64_t count_letters_before(Session& session, WallTime time);

}  // namespace podplay::store
