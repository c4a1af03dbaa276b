// The passkeys of a user: made by a browser, named, used to log in without a password or as a
// second factor. What goes to and comes from the browser is JSON of WebAuthn level 3
// (sections 5.1.8 to 5.5: PublicKeyCredential.toJSON(), parseCreationOptionsFromJSON() and so on).
#pragma once

#include <nlohmann/json.hpp>
#include <optional>
#include <string>
#include <vector>

#include "control/identity/second_factor.hpp"
#include "wire/logins.hpp"

namespace podplay::control {

struct PasskeyAdded {
  StoredPasskey passkey;
  // Shown once; empty: the user has some already.
  std::vector<Secret> recovery_codes;
};

// Needs a recent login, as creating and deleting do.
Result<wire::PasskeyCreation> begin_passkey(Context& context, const Actor& actor,
                                            const std::optional<Secret>& current_password);
// `credential` is the browser's answer. Fails with "bad_passkey" and the check that failed, or with
// "challenge_invalid".
Result<Changed<PasskeyAdded>> create_passkey(Context& context, const Actor& actor,
                                             const std::string& name,
                                             const nlohmann::json& credential,
                                             const WriteOptions& options);
// The actor's own, by id.
Result<std::vector<StoredPasskey>> list_passkeys(Context& context, const Actor& actor);
// Fails with "passkey_unknown" also for somebody else's, as delete_passkey() does.
Result<StoredPasskey> rename_passkey(Context& context, const Actor& actor, std::int64_t id,
                                     const std::string& name);
// Fails with "factor_demanded" when it is the last factor of somebody who must have one.
Result<Changed<StoredPasskey>> delete_passkey(Context& context, const Actor& actor, std::int64_t id,
                                              const WriteOptions& options);

// For a login with nothing but a passkey.
Result<wire::PasskeyQuestion> offer_passkey_login(Context& context);
// The same for the own passkeys, to prove an open session again.
Result<wire::PasskeyQuestion> offer_passkey_proof(Context& context, const Actor& actor);
// The user whose passkey answered offer_passkey_login(). Nobody is logged in yet.
Result<User> find_passkey_user(Context& context, const Actor& asking,
                               const nlohmann::json& credential);

// For factors.cpp: as a second factor of `user`. `purpose` binds the question to one login.
Result<wire::PasskeyQuestion> offer_passkey_factor(Context& context, const User& user,
                                                   const std::string& purpose);
Status verify_passkey_factor(Context& context, const Actor& asking, const User& user,
                             const std::string& purpose, const nlohmann::json& credential);
// Of a login that goes on.
std::string proof_purpose(const User& user);

}  // namespace podplay::control
