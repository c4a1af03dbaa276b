// The audit events: who did what, when. They are a chain: the hash of each event covers its content
// and the hash of the event before it. So a row that is changed, removed, inserted or moved by
// anything but this file is found (verify_audit), unless all rows after it were made again; against
// that, the audit log's lines name the hashes outside of the store.
//
// The hash is SHA-256 in hex over netstrings ("5:hello,"), one for each of: the hash before, then
// the columns id, previous, at, event, actor, subject, request_id, remote_address, door, times,
// before, after; numbers in decimal.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "store/store.hpp"

namespace podplay::store {

struct AuditRow {
  std::int64_t id = 0;
  WallTime at{};
  // "USER_CREATED"
  std::string event;
  // An e-mail address, or "system".
  std::string actor;
  // The object of the event.
  std::string subject;
  std::string request_id;
  std::string remote_address;
  // Of a login: "http", "imap", "pop3", "smtp", "sieve". Else empty.
  std::string door{};
  // How often it happened.
  std::int64_t count = 1;
  // What the event changed, as JSON objects without secrets; empty: it changed nothing that is
  // shown.
  std::string before{};
  std::string after{};
  // The id of the event before it. Filled in by insert_audit(), as `id` and `hash` are.
  std::int64_t previous = 0;
  std::string hash{};
};
// Takes the next id for the event, and makes it the head of the chain. Gives the row as it is
// stored.
AuditRow insert_audit(Transaction& transaction, AuditRow row);

// Which events a list has. Empty members take all.
struct AuditFilter {
  std::string event{};
  std::string actor{};
  std::string subject{};
  std::string request_id{};
  // A part of the actor or the subject, in any case. No index helps here.
  std::string text{};
  // From this time on, and before that one.
  std::optional<WallTime> since{};
  std::optional<WallTime> until{};
  // Newest first; true: oldest first.
  bool ascending = false;
};
// The events beyond the id `cursor` in the order of the list. 0: from its beginning.
std::vector<AuditRow> list_audit(Session& session, std::int64_t cursor, std::int64_t limit,
                                 const AuditFilter& filter = {});

// One end of the chain.
struct AuditMark {
  std::int64_t id = 0;
  std::string hash{};
  bool operator==(const AuditMark&) const = default;
};
// The newest event; the id is 0 when there never was one.
AuditMark audit_head(Session& session);
// The last event that retention deleted; the id is 0 when none was. The chain begins after it.
AuditMark audit_anchor(Session& session);

// The events that are older than `time`, from the anchor on and without a gap, at most `limit`. An
// event from after `now`, when the clock was wrong, counts as old.
std::vector<AuditMark> old_audit(Session& session, WallTime time, WallTime now, std::int64_t limit);
// Deletes the events up to `last`, which becomes the anchor.
void delete_audit(Transaction& transaction, const AuditMark& last);

// The hash of `row` after an event with the hash `before`.
std::string audit_hash(const AuditRow& row, const std::string& before);
// Chains events that were stored before there was a chain. Does nothing when there are none.
void chain_old_audit(Transaction& transaction);

}  // namespace podplay::store
