// Second factors, passkeys and app passwords in requests and answers. What a browser needs for a
// passkey has the names of WebAuthn level 3 (sections 5.1.9, 5.1.10).
#pragma once

#include "model/credential.hpp"
#include "wire/shape.hpp"

namespace podplay::wire {

// Requests.
extern const Shape kOwnProof;
extern const Shape kTotpConfirm;
extern const Shape kPasskeyCreate;
extern const Shape kPasskeyRename;
extern const Shape kPasskeyLogin;
extern const Shape kAppPasswordCreate;

// Answers.
extern const Shape kFactors;
extern const Shape kFactorsChanged;
extern const Shape kTotpEnrolment;
extern const Shape kTotpAdded;
extern const Shape kRecoveryCodes;
extern const Shape kRecoveryCodesLeft;
extern const Shape kPasskeyOptions;
extern const Shape kPasskeyQuestion;
extern const Shape kPasskey;
extern const Shape kPasskeyAdded;
extern const Shape kPasskeyRemoved;
extern const Shape kAppPassword;
extern const Shape kAppPasswordAdded;
extern const Shape kAppPasswordRevoked;

// Times are RFC 3339 in UTC; null: never.
Json to_json(const FactorOverview& factors);
// Without the key, which nobody needs.
Json to_json(const StoredPasskey& passkey);
// Without the hash.
Json to_json(const AppPassword& password);

}  // namespace podplay::wire
