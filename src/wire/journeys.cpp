// A stranger's answers never say whether an account exists.
#include "wire/journeys.hpp"

#include <algorithm>

namespace podplay::wire {
namespace {

using enum FieldType;

constexpr FieldRow kRegistrationDoorFields[] = {
    {.name = "domain",
     .type = text,
     .required = true,
     .help = "In A-label form (RFC 5890)",
     .example = R"("example.com")"},
    {.name = "approval",
     .type = boolean,
     .required = true,
     .help = "true: an administrator has to agree",
     .example = R"(false)"},
    {.name = "allowed_domains",
     .type = text_list,
     .required = true,
     .help = "Only persons with a recovery address of these domains may register; empty: everybody",
     .example = R"([])"},
};
const Shape kRegistrationDoorShape{.name = "RegistrationDoor",
                                   .help = "A domain that takes registrations",
                                   .fields = kRegistrationDoorFields};

constexpr FieldRow kRecoveryChangeFields[] = {
    {.name = "address",
     .type = text,
     .required = true,
     .help = "The new one; empty: none",
     .example = R"("alice@example.net")"},
    {.name = "new_confirmed",
     .type = boolean,
     .required = true,
     .help = "The new address has confirmed",
     .example = R"(false)"},
    {.name = "old_confirmed",
     .type = boolean,
     .required = true,
     .help = "The old address has agreed, or there was none",
     .example = R"(true)"},
    {.name = "expires",
     .type = text,
     .required = true,
     .help = "Until when it can be confirmed",
     .example = R"("2026-01-01T00:00:00Z")"},
};
const Shape kRecoveryChangeShape{.name = "RecoveryChange",
                                 .help = "A recovery address that is not confirmed yet",
                                 .fields = kRecoveryChangeFields};

constexpr FieldRow kRegisterFields[] = {
    {.name = "email",
     .type = text,
     .required = true,
     .help = "The address that the mailbox will have",
     .example = R"("alice@example.com")"},
    {.name = "password",
     .type = text,
     .required = true,
     .help = "8 to 1024 characters, and none of the first guesses",
     .example = R"("four words are better")"},
    {.name = "recovery_address",
     .type = text,
     .required = true,
     .help = "An address elsewhere: the link to confirm goes there, and later links when the "
             "password is forgotten",
     .example = R"("alice@example.net")"},
    {.name = "language",
     .type = text,
     .help = "Of mails: en or de; default: that of the pod",
     .example = R"("en")"},
};

constexpr FieldRow kLinkTokenFields[] = {
    {.name = "token",
     .type = text,
     .required = true,
     .help = "What stands behind #token= in the link, or the whole link",
     .example = R"("pmGRk7Fz5w2vT0y0hAq1bQ9o3lJxE8sVt4uYcN6dWaM")"},
};

constexpr FieldRow kPasswordResetFields[] = {
    {.name = "email",
     .type = text,
     .required = true,
     .help = "The account whose password is forgotten",
     .example = R"("alice@example.com")"},
    {.name = "language",
     .type = text,
     .help = "Of the mail: en or de; default: that of the person",
     .example = R"("en")"},
};

constexpr FieldRow kPasswordByLinkFields[] = {
    {.name = "token",
     .type = text,
     .required = true,
     .help = "What stands behind #token= in the link, or the whole link",
     .example = R"("pmGRk7Fz5w2vT0y0hAq1bQ9o3lJxE8sVt4uYcN6dWaM")"},
    {.name = "password",
     .type = text,
     .required = true,
     .help = "8 to 1024 characters, and none of the first guesses",
     .example = R"("four words are better")"},
};

constexpr FieldRow kAccountUpdateFields[] = {
    {.name = "language", .type = text, .help = "Of mails to you: en or de", .example = R"("de")"},
};

constexpr FieldRow kRecoveryAddressFields[] = {
    {.name = "address",
     .type = text,
     .required = true,
     .help = "An address elsewhere; empty: none",
     .example = R"("alice@example.net")",
     .on_null = R"("")"},
    {.name = "current_password",
     .type = text,
     .help = "Needed when the login is not recent",
     .example = R"("four words are better")"},
};

constexpr FieldRow kExportStartFields[] = {
    {.name = "current_password",
     .type = text,
     .help = "Needed when the login is not recent",
     .example = R"("four words are better")"},
};

constexpr FieldRow kAccountDeletionFields[] = {
    {.name = "current_password",
     .type = text,
     .help = "Needed when the login is not recent",
     .example = R"("four words are better")"},
};

constexpr FieldRow kRegistrationRuleUpdateFields[] = {
    {.name = "mode",
     .type = text,
     .help = "off, open, or approval: an administrator has to agree; empty: as "
             "PODPLAY_REGISTRATION says",
     .example = R"("open")",
     .on_null = R"("")"},
    {.name = "allowed_domains",
     .type = text_list,
     .help = "Only persons with a recovery address of these domains may register; empty: everybody",
     .example = R"(["example.net"])",
     .on_null = "[]"},
    {.name = "most_pending",
     .type = integer,
     .help = "Registrations that may be pending at once; 0: any number",
     .example = R"(100)",
     .on_null = "0"},
};

constexpr FieldRow kInviteFields[] = {
    {.name = "address",
     .type = text,
     .help = "Where the person is reached; it becomes the recovery address. Default: the recovery "
             "address of the account",
     .example = R"("alice@example.net")"},
    {.name = "language",
     .type = text,
     .help = "Of the mail: en or de; default: that of the person",
     .example = R"("en")"},
};

constexpr FieldRow kUserMailFields[] = {
    {.name = "subject",
     .type = text,
     .required = true,
     .help = "One line",
     .example = R"("The server moves on Saturday")"},
    {.name = "text",
     .type = text,
     .required = true,
     .help = "Plain text; an empty line begins a new paragraph",
     .example = R"("From 10 to 12 there will be no mail.")",
     .lines = true},
    {.name = "to_recovery_address",
     .type = boolean,
     .help = "true: to the recovery address instead of the mailbox",
     .example = R"(false)"},
};

constexpr FieldRow kRegistrationDoorsFields[] = {
    {.name = "domains",
     .type = object_list,
     .required = true,
     .help = "The domains that take registrations",
     .example = R"([])",
     .of = &kRegistrationDoorShape},
    {.name = "shortest_password",
     .type = integer,
     .required = true,
     .help = "Characters that a password has at least",
     .example = R"(8)"},
    {.name = "languages",
     .type = text_list,
     .required = true,
     .help = "In which mails can be sent",
     .example = R"(["en", "de"])"},
};

constexpr FieldRow kRegisteredFields[] = {
    {.name = "state",
     .type = text,
     .required = true,
     .help = "mail_sent: a mail goes to the recovery address, whether or not the address is free; "
             "the mail says which",
     .example = R"("mail_sent")"},
    {.name = "email",
     .type = text,
     .required = true,
     .help = "The address that was asked for",
     .example = R"("alice@example.com")"},
    {.name = "recovery_address",
     .type = text,
     .required = true,
     .help = "Where the mail goes",
     .example = R"("alice@example.net")"},
};

constexpr FieldRow kLinkViewFields[] = {
    {.name = "purpose",
     .type = text,
     .required = true,
     .help = "registration, password_reset, invitation, recovery_new, recovery_old or keep_account",
     .example = R"("invitation")"},
    {.name = "email",
     .type = text,
     .required = true,
     .help = "The account, which is the address of its mailbox",
     .example = R"("alice@example.com")"},
    {.name = "address",
     .type = text,
     .required = true,
     .help = "The address elsewhere that it is about; empty: none",
     .example = R"("alice@example.net")"},
    {.name = "expires",
     .type = text,
     .required = true,
     .help = "Until when it works",
     .example = R"("2026-01-01T00:00:00Z")"},
};

constexpr FieldRow kConfirmedFields[] = {
    {.name = "purpose",
     .type = text,
     .required = true,
     .help = "registration, recovery_new, recovery_old or keep_account",
     .example = R"("registration")"},
    {.name = "email",
     .type = text,
     .required = true,
     .help = "The account, which is the address of its mailbox",
     .example = R"("alice@example.com")"},
    {.name = "state",
     .type = text,
     .required = true,
     .help = "active: log in now; waiting_for_approval: an administrator has to agree; changed: "
             "the recovery address is; waiting_for_other: the other address has to confirm, too; "
             "kept: the account is",
     .example = R"("active")"},
    {.name = "revision",
     .type = integer,
     .required = true,
     .help = "Revision of the change",
     .example = R"(42)"},
};

constexpr FieldRow kResetRequestedFields[] = {
    {.name = "state",
     .type = text,
     .required = true,
     .help = "mail_sent, always",
     .example = R"("mail_sent")"},
    {.name = "email",
     .type = text,
     .required = true,
     .help = "The address that was asked for",
     .example = R"("alice@example.com")"},
};

constexpr FieldRow kPasswordSetFields[] = {
    {.name = "email",
     .type = text,
     .required = true,
     .help = "The account, which is the address of its mailbox",
     .example = R"("alice@example.com")"},
    {.name = "purpose",
     .type = text,
     .required = true,
     .help = "password_reset or invitation",
     .example = R"("password_reset")"},
    {.name = "revision",
     .type = integer,
     .required = true,
     .help = "Revision of the change",
     .example = R"(42)"},
};

constexpr FieldRow kAccountFields[] = {
    {.name = "id",
     .type = integer,
     .required = true,
     .help = "Unique, and never used again",
     .example = R"(7)"},
    {.name = "email",
     .type = text,
     .required = true,
     .help = "The account, which is the address of its mailbox",
     .example = R"("alice@example.com")"},
    {.name = "username",
     .type = text,
     .required = true,
     .help = "3 to 64 of [a-zA-Z0-9_.-]",
     .example = R"("alice")"},
    {.name = "domain",
     .type = text,
     .required = true,
     .help = "The domain of the address",
     .example = R"("example.com")"},
    {.name = "role",
     .type = text,
     .required = true,
     .help = "user, domain-admin or admin",
     .example = R"("user")"},
    {.name = "quota",
     .type = integer,
     .required = true,
     .help = "Largest size of the mailbox in bytes; 0: unlimited",
     .example = R"(524288000)"},
    {.name = "services",
     .type = text_list,
     .required = true,
     .help = "What you may use: mail, www, webdav",
     .example = R"(["mail", "www"])"},
    {.name = "language",
     .type = text,
     .required = true,
     .help = "Of mails to you: en or de",
     .example = R"("en")"},
    {.name = "recovery_address",
     .type = text,
     .required = true,
     .help = "Where a link goes when the password is forgotten; empty: none",
     .example = R"("alice@example.net")"},
    {.name = "recovery_change",
     .type = object,
     .required = true,
     .help = "A change of it that is not confirmed yet",
     .example = R"(null)",
     .of = &kRecoveryChangeShape,
     .nullable = true},
    {.name = "created",
     .type = text,
     .required = true,
     .help = "When the account was made",
     .example = R"("2026-01-01T00:00:00Z")"},
};

constexpr FieldRow kRecoveryRequestedFields[] = {
    {.name = "address",
     .type = text,
     .required = true,
     .help = "The new one; empty: none",
     .example = R"("alice@example.net")"},
    {.name = "waits_for",
     .type = text_list,
     .required = true,
     .help = "Who has to confirm: new, old",
     .example = R"(["new", "old"])"},
    {.name = "expires",
     .type = text,
     .required = true,
     .help = "Until when",
     .example = R"("2026-01-01T00:00:00Z")"},
};

constexpr FieldRow kExportFields[] = {
    {.name = "state",
     .type = text,
     .required = true,
     .help = "none, waiting, running, ready or failed; a failed one is tried again some times",
     .example = R"("running")"},
    {.name = "percent",
     .type = integer,
     .required = true,
     .help = "How much of the mailbox is copied",
     .example = R"(40)"},
    {.name = "words",
     .type = text,
     .required = true,
     .help = "What it does, or why it failed",
     .example = R"("is being made")"},
    {.name = "bytes",
     .type = integer,
     .required = true,
     .help = "Size of the file; 0: it is not ready",
     .example = R"(0)"},
    {.name = "file",
     .type = text,
     .required = true,
     .help = "Its name; empty: there is none",
     .example = R"("alice@example.com-2026-01-01.tar")"},
    {.name = "created",
     .type = text,
     .required = true,
     .help = "When it was asked for",
     .example = R"("2026-01-01T00:00:00Z")",
     .nullable = true},
    {.name = "expires",
     .type = text,
     .required = true,
     .help = "When it is removed",
     .example = R"("2026-01-01T00:00:00Z")",
     .nullable = true},
};

constexpr FieldRow kDeletionFields[] = {
    {.name = "id", .type = integer, .required = true, .help = "Of the user", .example = R"(7)"},
    {.name = "email",
     .type = text,
     .required = true,
     .help = "The account, which is the address of its mailbox",
     .example = R"("alice@example.com")"},
    {.name = "requested",
     .type = text,
     .required = true,
     .help = "When",
     .example = R"("2026-01-01T00:00:00Z")"},
    {.name = "erased",
     .type = text,
     .required = true,
     .help = "When it is erased with its mail",
     .example = R"("2026-01-15T00:00:00Z")"},
    {.name = "remote_address",
     .type = text,
     .required = true,
     .help = "From where",
     .example = R"("192.0.2.7")"},
};

constexpr FieldRow kAccountDeletedFields[] = {
    {.name = "id", .type = integer, .required = true, .help = "Of the user", .example = R"(7)"},
    {.name = "email",
     .type = text,
     .required = true,
     .help = "The account, which is the address of its mailbox",
     .example = R"("alice@example.com")"},
    {.name = "requested",
     .type = text,
     .required = true,
     .help = "When",
     .example = R"("2026-01-01T00:00:00Z")"},
    {.name = "erased",
     .type = text,
     .required = true,
     .help = "When it is erased with its mail",
     .example = R"("2026-01-15T00:00:00Z")"},
    {.name = "remote_address",
     .type = text,
     .required = true,
     .help = "From where",
     .example = R"("192.0.2.7")"},
    {.name = "revision",
     .type = integer,
     .required = true,
     .help = "Revision of the change",
     .example = R"(42)"},
};

constexpr FieldRow kCleanedFindingsFields[] = {
    {.name = "dry_run",
     .type = boolean,
     .required = true,
     .help = "true: nothing was removed",
     .example = R"(true)"},
    {.name = "registrations",
     .type = integer,
     .required = true,
     .help = "That nobody confirmed or approved in time",
     .example = R"(3)"},
    {.name = "links",
     .type = integer,
     .required = true,
     .help = "That have expired",
     .example = R"(12)"},
    {.name = "letters",
     .type = integer,
     .required = true,
     .help = "Mails of the pod that Postfix never took",
     .example = R"(0)"},
    {.name = "exports",
     .type = integer,
     .required = true,
     .help = "Copies of persons' data that have expired",
     .example = R"(1)"},
};

constexpr FieldRow kRegistrationRuleFields[] = {
    {.name = "domain",
     .type = text,
     .required = true,
     .help = "In A-label form (RFC 5890)",
     .example = R"("example.com")"},
    {.name = "mode",
     .type = text,
     .required = true,
     .help = "off, open, or approval: an administrator has to agree",
     .example = R"("open")"},
    {.name = "own",
     .type = boolean,
     .required = true,
     .help = "false: as the settings PODPLAY_REGISTRATION say",
     .example = R"(true)"},
    {.name = "allowed_domains",
     .type = text_list,
     .required = true,
     .help = "Only persons with a recovery address of these domains may register; empty: everybody",
     .example = R"([])"},
    {.name = "most_pending",
     .type = integer,
     .required = true,
     .help = "Registrations that may be pending at once; 0: any number",
     .example = R"(1000)"},
    {.name = "revision",
     .type = integer,
     .required = true,
     .help = "Revision of the last change; the ETag",
     .example = R"(42)"},
};

constexpr FieldRow kRegistrationFields[] = {
    {.name = "id",
     .type = integer,
     .required = true,
     .help = "Unique, and never used again",
     .example = R"(9)"},
    {.name = "email",
     .type = text,
     .required = true,
     .help = "The address that the mailbox will have",
     .example = R"("alice@example.com")"},
    {.name = "recovery_address",
     .type = text,
     .required = true,
     .help = "Where the person is reached",
     .example = R"("alice@example.net")"},
    {.name = "state",
     .type = text,
     .required = true,
     .help = "unconfirmed: the link was not used yet; waiting: an administrator has to agree",
     .example = R"("waiting")"},
    {.name = "language", .type = text, .required = true, .help = "en or de", .example = R"("en")"},
    {.name = "remote_address",
     .type = text,
     .required = true,
     .help = "From where",
     .example = R"("192.0.2.7")"},
    {.name = "created",
     .type = text,
     .required = true,
     .help = "When",
     .example = R"("2026-01-01T00:00:00Z")"},
    {.name = "expires",
     .type = text,
     .required = true,
     .help = "When it is forgotten",
     .example = R"("2026-01-01T00:00:00Z")"},
};

constexpr FieldRow kRegistrationLinkFields[] = {
    {.name = "email",
     .type = text,
     .required = true,
     .help = "The address that the mailbox will have",
     .example = R"("alice@example.com")"},
    {.name = "url",
     .type = text,
     .required = true,
     .help = "The link; its token works once",
     .example = R"("https://control.example.com/confirm#token=pmGR")"},
    {.name = "expires",
     .type = text,
     .required = true,
     .help = "Until when it works",
     .example = R"("2026-01-01T00:00:00Z")"},
};

constexpr FieldRow kInvitedFields[] = {
    {.name = "email",
     .type = text,
     .required = true,
     .help = "The account, which is the address of its mailbox",
     .example = R"("alice@example.com")"},
    {.name = "sent_to",
     .type = text,
     .required = true,
     .help = "Where the mail goes",
     .example = R"("alice@example.net")"},
};

constexpr FieldRow kUserMailedFields[] = {
    {.name = "email",
     .type = text,
     .required = true,
     .help = "The account, which is the address of its mailbox",
     .example = R"("alice@example.com")"},
    {.name = "sent_to",
     .type = text,
     .required = true,
     .help = "Where it goes",
     .example = R"("alice@example.com")"},
};

constexpr FieldRow kCleanedFields[] = {
    {.name = "registrations",
     .type = integer,
     .required = true,
     .help = "That nobody confirmed or approved in time",
     .example = R"(3)"},
    {.name = "links",
     .type = integer,
     .required = true,
     .help = "That have expired",
     .example = R"(12)"},
    {.name = "letters",
     .type = integer,
     .required = true,
     .help = "Mails of the pod that Postfix never took",
     .example = R"(0)"},
    {.name = "exports",
     .type = integer,
     .required = true,
     .help = "Copies of persons' data that have expired",
     .example = R"(1)"},
};

Json or_null(WallTime time) { return time == WallTime{} ? Json() : Json(to_rfc3339(time)); }

}  // namespace

const Shape kRegister{
    .name = "Register", .help = "Somebody wants an account", .fields = kRegisterFields};
const Shape kLinkToken{
    .name = "LinkToken", .help = "The token of a link in a mail", .fields = kLinkTokenFields};
const Shape kPasswordReset{.name = "PasswordReset",
                           .help = "Somebody has forgotten a password",
                           .fields = kPasswordResetFields};
const Shape kPasswordByLink{.name = "PasswordByLink",
                            .help = "A new password, by the token of a link in a mail",
                            .fields = kPasswordByLinkFields};
const Shape kAccountUpdate{
    .name = "AccountUpdate", .help = "Changes to your own account", .fields = kAccountUpdateFields};
const Shape kRecoveryAddress{.name = "RecoveryAddressChange",
                             .help = "Another recovery address",
                             .fields = kRecoveryAddressFields};
const Shape kExportStart{.name = "ExportStart",
                         .help = "A copy of all that is kept about you",
                         .fields = kExportStartFields};
const Shape kAccountDeletion{.name = "AccountDeletion",
                             .help = "The end of your own account",
                             .fields = kAccountDeletionFields};
const Shape kRegistrationRuleUpdate{.name = "RegistrationRuleUpdate",
                                    .help = "How a domain takes registrations",
                                    .fields = kRegistrationRuleUpdateFields};
const Shape kInvite{
    .name = "Invite", .help = "An invitation to an account", .fields = kInviteFields};
const Shape kUserMail{.name = "UserMail", .help = "A mail to a person", .fields = kUserMailFields};
const Shape kRegistrationDoors{.name = "RegistrationDoors",
                               .help = "Where and how to register",
                               .fields = kRegistrationDoorsFields};
const Shape kRegistered{.name = "Registered",
                        .help = "A registration that waits for its confirmation",
                        .fields = kRegisteredFields};
const Shape kLinkView{
    .name = "LinkView", .help = "What a link in a mail is for", .fields = kLinkViewFields};
const Shape kConfirmed{
    .name = "Confirmed", .help = "What a link has done", .fields = kConfirmedFields};
const Shape kResetRequested{
    .name = "ResetRequested",
    .help = "A mail with a link is sent, if there is such an account and it has a recovery address",
    .fields = kResetRequestedFields};
const Shape kPasswordSet{
    .name = "PasswordSet", .help = "A password was set by a link", .fields = kPasswordSetFields};
const Shape kAccount{.name = "Account", .help = "Your own account", .fields = kAccountFields};
const Shape kRecoveryRequested{
    .name = "RecoveryRequested",
    .help = "A change of the recovery address that waits to be confirmed",
    .fields = kRecoveryRequestedFields};
const Shape kExport{
    .name = "Export", .help = "A copy of all that is kept about you", .fields = kExportFields};
const Shape kDeletion{
    .name = "Deletion", .help = "An account that its person deleted", .fields = kDeletionFields};
const Shape kAccountDeleted{.name = "AccountDeleted",
                            .help = "Your account is disabled and will be erased",
                            .fields = kAccountDeletedFields};
const Shape kCleanedFindings{
    .name = "CleanedFindings", .help = "What would be removed", .fields = kCleanedFindingsFields};
const Shape kRegistrationRule{.name = "RegistrationRule",
                              .help = "How a domain takes registrations",
                              .fields = kRegistrationRuleFields};
const Shape kRegistration{.name = "Registration",
                          .help = "A registration that is pending",
                          .fields = kRegistrationFields};
const Shape kRegistrationLink{.name = "RegistrationLink",
                              .help = "A link that confirms a registration, shown in a lab only",
                              .fields = kRegistrationLinkFields};
const Shape kInvited{
    .name = "Invited", .help = "An invitation that is sent", .fields = kInvitedFields};
const Shape kUserMailed{
    .name = "UserMailed", .help = "A mail that is sent", .fields = kUserMailedFields};
const Shape kCleaned{.name = "Cleaned", .help = "What was removed", .fields = kCleanedFields};

Json to_json(const RegistrationRule& rule) {
  return {{"domain", rule.domain},
          {"mode", to_text(rule.mode)},
          {"own", rule.revision != 0},
          {"allowed_domains", rule.allowed_domains},
          {"most_pending", rule.most_pending},
          {"revision", rule.revision}};
}

Json to_json(const Registration& registration) {
  return {{"id", registration.id},
          {"email", registration.email},
          {"recovery_address", registration.recovery_address},
          {"state", to_text(registration.state)},
          {"language", registration.language},
          {"remote_address", registration.remote_address},
          {"created", to_rfc3339(registration.created)},
          {"expires", to_rfc3339(registration.expires)}};
}

Json to_json(const Deletion& deletion) {
  return {{"id", deletion.user_id},
          {"email", deletion.email},
          {"requested", to_rfc3339(deletion.requested)},
          {"erased", to_rfc3339(deletion.due)},
          {"remote_address", deletion.remote_address}};
}

Json to_json(const Export& copy, const std::string& file) {
  const bool ready = copy.state == ExportState::ready;
  const std::int64_t part = copy.total == 0 ? 0 : copy.done * 100 / copy.total;
  return {{"state", to_text(copy.state)},
          {"percent", ready ? std::int64_t{100} : std::min<std::int64_t>(part, 99)},
          {"words", copy.words},
          {"bytes", copy.bytes},
          {"file", ready ? file : std::string()},
          {"created", or_null(copy.created)},
          {"expires", or_null(copy.expires)}};
}

}  // namespace podplay::wire
