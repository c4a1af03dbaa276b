// Browsers' logins, found by the hash of their cookie.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "model/login.hpp"
#include "store/store.hpp"

namespace podplay::store {

void insert_session(Transaction& transaction, const BrowserSession& session);
std::optional<BrowserSession> find_session(Session& session, const std::string& hash);
std::optional<BrowserSession> find_session(Session& session, std::int64_t id);
// Those of a user that have not expired, newest first.
std::vector<BrowserSession> list_sessions(Session& session, std::int64_t user_id, WallTime now);
// A session gets another cookie, and is proven again.
void renew_session(Transaction& transaction, const BrowserSession& session);
void delete_session(Transaction& transaction, std::int64_t id);
// All of a user but the one with the id `except`; 0: all. Returns how many.
std::int64_t delete_sessions_of(Transaction& transaction, std::int64_t user_id,
                                std::int64_t except);
// Those of all users of a domain whose role is not admin.
void delete_sessions_in(Transaction& transaction, const std::string& domain);

// Everything that ends or weakens a login calls this, so that each control plane forgets what it
// remembers of logins.
void note_login_change(Transaction& transaction);
// Another number after each such change.
std::int64_t login_changes(Session& session);
// Makes one row of many, which counts as a change.
void gather_login_changes(Transaction& transaction);

// When and from where a login was last used.
struct LoginUse {
  std::int64_t id = 0;
  WallTime at{};
  std::string address;
};
void note_session_uses(Transaction& transaction, const std::vector<LoginUse>& uses);
void note_token_uses(Transaction& transaction, const std::vector<LoginUse>& uses);

}  // namespace podplay::store
