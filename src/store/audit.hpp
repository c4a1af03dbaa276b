// The audit events: who did what, when.
#pragma once

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
};
// Takes the next id for the event.
void insert_audit(Transaction& transaction, AuditRow row);
// Newest first, below the id `before`. With 0 the list begins with the newest.
std::vector<AuditRow> list_audit(Session& session, std::int64_t before, std::int64_t limit);

}  // namespace podplay::store
