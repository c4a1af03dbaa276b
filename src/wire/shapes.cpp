// The rows of every request body.
#include "wire/shapes.hpp"

namespace podplay::wire {
namespace {

using enum FieldType;

constexpr FieldRow kUserCreateRows[] = {
    {"email", text, true,
     "Login name and mailbox, name@domain of a domain that exists (RFC 5321 section 4.1.2)",
     "\"test@example.com\""},
    {"password", text, true, "At least 8 characters; kept as an Argon2id hash only",
     "\"correct horse\""},
    {"username", text, false, "3 to 64 of a-z A-Z 0-9 _ . -; made from the address when missing",
     "\"test\""},
    {"role", text, false, "user, domain-admin (of the address's domain) or admin", "\"user\""},
    {"enabled", boolean, false, "false: no login, mail is refused", "true"},
    {"quota", integer, false, "Mailbox size in bytes, 0 is unlimited; default 524288000",
     "524288000"},
    {"services", text_list, false, "What the user may use: mail, www, webdav",
     "[\"mail\", \"www\"]"},
};
constexpr FieldRow kUserUpdateRows[] = {
    {"password", text, false, "A new password of at least 8 characters", "\"correct horse\""},
    {"username", text, false, "3 to 64 of a-z A-Z 0-9 _ . -", "\"test\""},
    {"role", text, false, "user, domain-admin or admin", "\"user\""},
    {"enabled", boolean, false, "false: no login, mail is refused", "true"},
    {"quota", integer, false, "Mailbox size in bytes, 0 is unlimited", "524288000"},
    {"services", text_list, false, "What the user may use: mail, www, webdav",
     "[\"mail\", \"www\"]"},
};
constexpr FieldRow kUserImportRows[] = {
    {"email", text, true, "Login name and mailbox", "\"test@example.com\""},
    {"password_hash", text, false, "Argon2id hash as $argon2id$v=19$..., at most 64 MiB of memory",
     "\"$argon2id$v=19$m=19456,t=2,p=1$c2FsdHNhbHQ$aGFzaA\""},
    {"password", text, false, "A password instead of its hash; hashing takes about 22 ms each",
     "\"correct horse\""},
    {"username", text, false, "Made from the address when missing", "\"test\""},
    {"enabled", boolean, false, "Default true", "true"},
    {"quota", integer, false, "Bytes, 0 is unlimited", "524288000"},
    {"services", text_list, false, "mail, www, webdav", "[\"mail\"]"},
};
constexpr FieldRow kDomainCreateRows[] = {
    {"name", text, true, "Domain name in A-label form (RFC 1123 section 2.1, RFC 5890)",
     "\"example.com\""},
    {"enabled", boolean, false, "false: no mail, no web site, no zone", "true"},
};
constexpr FieldRow kDomainImportRows[] = {
    {"names", text_list, true, "Domain names in A-label form; all are added or none",
     "[\"a.example\", \"b.example\"]"},
};
constexpr FieldRow kDomainUpdateRows[] = {
    {"enabled", boolean, true, "false: no mail, no web site, no zone", "true"},
};
constexpr FieldRow kAliasCreateRows[] = {
    {"address", text, true,
     "name@domain, or @domain for every address that does not exist (catch-all)",
     "\"info@example.com\""},
    {"targets", text_list, true, "Addresses that get the mail, at least one",
     "[\"test@example.com\"]"},
    {"enabled", boolean, false, "false: the address does not exist", "true"},
};
constexpr FieldRow kAliasUpdateRows[] = {
    {"targets", text_list, false, "Addresses that get the mail, at least one",
     "[\"test@example.com\"]"},
    {"enabled", boolean, false, "false: the address does not exist", "true"},
};
constexpr FieldRow kLoginRows[] = {
    {"email", text, true, "Login name", "\"admin@example.com\""},
    {"password", text, true, "Password", "\"correct horse\""},
};
constexpr FieldRow kBootstrapRows[] = {
    {"secret", text, true, "The one-time secret from the state volume (bootstrap.secret)",
     "\"...\""},
    {"email", text, true,
     "Address of the first administrator, in a domain that exists; PODPLAY_DOMAIN is added",
     "\"admin@example.com\""},
    {"password", text, true, "At least 8 characters", "\"correct horse\""},
    {"username", text, false, "Made from the address when missing", "\"admin\""},
};
constexpr FieldRow kRestartRows[] = {
    {"service", text, true, "apache, bind or mail", "\"mail\""},
    {"daemon", text, false, "One daemon of the service; all when missing", "\"dovecot\""},
};
constexpr FieldRow kMailSendRows[] = {
    {"from", text, false, "The sender: an own address or alias; default: the caller's",
     "\"test@example.com\""},
    {"to", text_list, true, "Recipients (RFC 5321 forward-paths)", "[\"other@example.com\"]"},
    {"subject", text, true, "One line", "\"Hello\""},
    {"text", text, true, "The message's text, UTF-8", "\"How are you?\""},
};
constexpr FieldRow kMailTestRows[] = {
    {"from", text, false, "Envelope sender; default: the caller's address",
     "\"admin@example.com\""},
    {"to", text, true, "A mailbox of this pod; the message is removed again",
     "\"test@example.com\""},
};
constexpr FieldRow kMailRestoreRows[] = {
    {"mailbox", text, true,
     "The mailbox that gets the mail. Without any message it gets everything where it was; else "
     "the mail comes below the folder Restored/DATE, and nothing is overwritten",
     "\"test@example.com\""},
};
constexpr FieldRow kSiteRestoreRows[] = {
    {"site", text, true, "The domain whose web site it becomes; it must have no pages of its own",
     "\"example.com\""},
};
constexpr FieldRow kEnrolRows[] = {
    {"service", text, true, "apache, bind or mail", "\"mail\""},
    {"host", text, false, "The machine's PODPLAY_HOST_ID; the control plane's own when missing",
     "\"main\""},
    {"secret", text, true, "The service's enrolment secret", "\"...\""},
    {"request", text, true, "PKCS#10 signing request, PEM (RFC 2986)",
     "\"-----BEGIN CERTIFICATE REQUEST-----\""},
};
constexpr FieldRow kRenewRows[] = {
    {"request", text, true, "PKCS#10 signing request, PEM (RFC 2986)",
     "\"-----BEGIN CERTIFICATE REQUEST-----\""},
};
constexpr FieldRow kWorkRows[] = {
    {"status", object, true, "How the service is: daemons, probes, stage", "{}"},
    {"snapshot_hash", text, true, "Hash of the snapshot seen last, applied or refused; empty: none",
     "\"\""},
    {"position", object, true,
     "How far the replica has followed the feed: generation, epoch, seq, marks", "{}"},
    {"wait", integer, true, "Seconds to wait for work, at most 30", "25"},
};
constexpr FieldRow kCommandsRows[] = {
    {"instance", text, true, "Random at the agent's start", "\"k7Qx\""},
    {"wait", integer, true, "Seconds to wait for a command, at most 30", "25"},
};
constexpr FieldRow kReportRows[] = {
    {"revision", integer, true, "Everything up to this revision is settled", "42"},
    {"state", text, true, "applied or refused", "\"applied\""},
    {"stage", text, true, "Where it ended", "\"report\""},
    {"daemon", text, true, "Who refused", "\"postfix\""},
    {"message", text, true, "The daemon's own words", "\"\""},
    {"running", integer, true, "The release in use", "42"},
    {"set_aside", object_list, true, "Rows that a daemon did not take", "[]"},
    {"recovered", object_list, true, "Rows that are no longer set aside", "[]"},
};
constexpr FieldRow kCommandResultRows[] = {
    {"id", text, true, "The command's id", "\"c1\""},
    {"ok", boolean, true, "Whether it worked", "true"},
    {"result", text, true, "JSON", "\"{}\""},
};

}  // namespace

const Shape kUserCreate{"UserCreate", "A new user", kUserCreateRows};
const Shape kUserUpdate{"UserUpdate", "Changes to a user; what is missing stays as it is",
                        kUserUpdateRows};
const Shape kUserImport{"UserImport", "One line of the import: newline-delimited JSON objects",
                        kUserImportRows};
const Shape kDomainCreate{"DomainCreate", "A new domain for mail, web and DNS", kDomainCreateRows};
const Shape kDomainImport{"DomainImport", "New domains for mail, web and DNS", kDomainImportRows};
const Shape kDomainUpdate{"DomainUpdate", "Changes to a domain", kDomainUpdateRows};
const Shape kAliasCreate{"AliasCreate", "A new alias", kAliasCreateRows};
const Shape kAliasUpdate{"AliasUpdate", "Changes to an alias; what is missing stays as it is",
                         kAliasUpdateRows};
const Shape kLogin{"Login", "A login for a bearer token", kLoginRows};
const Shape kBootstrap{"Bootstrap", "The first administrator, once", kBootstrapRows};
const Shape kRestart{"Restart", "Which daemons to start anew", kRestartRows};
const Shape kMailSend{"MailSend", "A message to send", kMailSendRows};
const Shape kMailTest{"MailTest", "A delivery test from SMTP to the mailbox", kMailTestRows};
const Shape kMailRestore{"MailRestore", "Who gets the mail of a deleted mailbox", kMailRestoreRows};
const Shape kSiteRestore{"SiteRestore", "Which domain gets a deleted web site", kSiteRestoreRows};
const Shape kEnrol{"Enrol", "An agent's request for its first certificate", kEnrolRows};
const Shape kRenew{"Renew", "An agent's request for its next certificate", kRenewRows};
const Shape kWork{"Work", "An agent's question for work", kWorkRows};
const Shape kCommands{"Commands", "An agent's question for commands", kCommandsRows};
const Shape kReport{"Report", "What became of a revision at a service", kReportRows};
const Shape kCommandResult{"CommandResult", "What a command gave", kCommandResultRows};

}  // namespace podplay::wire
