// Authenticator apps, passkeys and recovery codes of users, and which of them have a second factor.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "model/credential.hpp"
#include "store/store.hpp"

namespace podplay::store {

// Whether the user's logins need a second factor.
void set_second_factor(Transaction& transaction, std::int64_t user_id, bool needed);

std::optional<Totp> find_totp(Session& session, std::int64_t user_id);
// Replaces one that is there.
void put_totp(Transaction& transaction, const Totp& totp);
void delete_totp(Transaction& transaction, std::int64_t user_id);
// Records that the code of `step` was used. False: a later one, or this one, was used before, by
// whatever program.
bool use_totp_step(Transaction& transaction, std::int64_t user_id, std::int64_t step, WallTime now);

void insert_passkey(Transaction& transaction, const StoredPasskey& passkey);
std::optional<StoredPasskey> find_passkey(Session& session, std::int64_t id);
std::optional<StoredPasskey> find_passkey_by_credential(Session& session,
                                                        const std::string& credential);
// By id.
std::vector<StoredPasskey> list_passkeys(Session& session, std::int64_t user_id);
void rename_passkey(Transaction& transaction, std::int64_t id, const std::string& name);
void note_passkey_use(Transaction& transaction, std::int64_t id, std::int64_t counter,
                      bool is_copied, WallTime now);
void delete_passkey(Transaction& transaction, std::int64_t id);
void delete_passkeys_of(Transaction& transaction, std::int64_t user_id);

// Records that the challenge was answered; false: it was already. Forgets expired ones.
bool use_challenge(Transaction& transaction, const std::string& hash, WallTime expires,
                   WallTime now);

struct RecoveryCodesLeft {
  std::int64_t left = 0;
  // When they were made; 1970: there are none.
  WallTime created{};
};
RecoveryCodesLeft count_recovery_codes(Session& session, std::int64_t user_id);
// Instead of those that are there. No hashes: none are left.
void put_recovery_codes(Transaction& transaction, std::int64_t user_id,
                        const std::vector<std::string>& hashes, WallTime now);
// True once for each code.
bool use_recovery_code(Transaction& transaction, std::int64_t user_id, const std::string& hash,
                       WallTime now);

}  // namespace podplay::store
