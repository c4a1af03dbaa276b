// Registrations, links, own accounts, deletions and copies in requests and answers.
#pragma once

#include "model/journey.hpp"
#include "wire/shape.hpp"

namespace podplay::wire {

// Requests.
extern const Shape kRegister;
extern const Shape kLinkToken;
extern const Shape kPasswordReset;
extern const Shape kPasswordByLink;
extern const Shape kAccountUpdate;
extern const Shape kRecoveryAddress;
extern const Shape kExportStart;
extern const Shape kAccountDeletion;
extern const Shape kRegistrationRuleUpdate;
extern const Shape kInvite;
extern const Shape kUserMail;

// Answers.
extern const Shape kRegistrationDoors;
extern const Shape kRegistered;
extern const Shape kLinkView;
extern const Shape kConfirmed;
extern const Shape kResetRequested;
extern const Shape kPasswordSet;
extern const Shape kAccount;
extern const Shape kRecoveryRequested;
extern const Shape kExport;
extern const Shape kDeletion;
extern const Shape kRegistrationRule;
extern const Shape kRegistration;
extern const Shape kRegistrationLink;
extern const Shape kInvited;
extern const Shape kUserMailed;
extern const Shape kAccountDeleted;
extern const Shape kCleaned;
extern const Shape kCleanedFindings;

// Times are RFC 3339 in UTC; one that has not come is null.
Json to_json(const RegistrationRule& rule);
// Never has the password's hash.
Json to_json(const Registration& registration);
Json to_json(const Deletion& deletion);
Json to_json(const Export& copy, const std::string& file);

}  // namespace podplay::wire
