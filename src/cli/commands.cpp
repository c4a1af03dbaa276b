// The rows.
#include "cli/commands.hpp"

#include <array>

namespace podplay::cli {
namespace {

using enum OptionKind;
using enum Place;
using Column = std::string_view;

constexpr OptionRow kPageRows[] = {
    {"--limit", number, query, "limit", false, "Rows of a page, 1 to 500"},
    {"--cursor", text, query, "cursor", false,
     "Where the next page begins, as the page before says"},
};
constexpr OptionRow kDomainPageRows[] = {
    {"--domain", text, query, "domain", false, "Only of this domain"},
    {"--limit", number, query, "limit", false, "Rows of a page, 1 to 500"},
    {"--cursor", text, query, "cursor", false,
     "Where the next page begins, as the page before says"},
};
constexpr OptionRow kUserKeyRows[] = {{"user", text, path, "id", true, "E-mail address or id"}};
constexpr OptionRow kUserCreateRows[] = {
    {"--email", text, body, "email", true, "Login name and mailbox"},
    {"--password", password, body, "password", true,
     "At least 8 characters; better --password-stdin or the prompt"},
    {"--username", text, body, "username", false, "Made from the address when missing"},
    {"--role", text, body, "role", false, "user, domain-admin or admin"},
    {"--quota", bytes, body, "quota", false, "Mailbox size such as 500M; 0 is unlimited"},
    {"--services", list, body, "services", false, "mail, www, webdav"},
    {"--disabled", flag_false, body, "enabled", false, "No login, mail is refused"},
};
constexpr OptionRow kUserUpdateRows[] = {
    {"user", text, path, "id", true, "E-mail address or id"},
    {"--username", text, body, "username", false, "User name"},
    {"--role", text, body, "role", false, "user, domain-admin or admin"},
    {"--quota", bytes, body, "quota", false, "Mailbox size such as 500M; 0 is unlimited"},
    {"--services", list, body, "services", false, "mail, www, webdav"},
    {"--enable", flag_true, body, "enabled", false, "Allow login and mail"},
    {"--disable", flag_false, body, "enabled", false, "No login, mail is refused"},
};
constexpr OptionRow kUserPasswordRows[] = {
    {"user", text, path, "id", true, "E-mail address or id"},
    {"--password", password, body, "password", true,
     "At least 8 characters; better --password-stdin or the prompt"},
};
constexpr OptionRow kDomainKeyRows[] = {{"name", text, path, "name", true, "The domain"}};
constexpr OptionRow kDomainCreateRows[] = {
    {"--name", text, body, "name", true, "The domain, such as example.com"},
    {"--disabled", flag_false, body, "enabled", false, "No mail, web site and zone yet"},
};
constexpr OptionRow kDomainImportRows[] = {
    {"--name", list, body, "names", true, "A domain; repeat it for several"},
};
constexpr OptionRow kDomainUpdateRows[] = {
    {"name", text, path, "name", true, "The domain"},
    {"--enable", flag_true, body, "enabled", false, "Serve it"},
    {"--disable", flag_false, body, "enabled", false, "Stop serving it"},
};
constexpr OptionRow kAliasKeyRows[] = {{"alias", text, path, "id", true, "Address or id"}};
constexpr OptionRow kAliasCreateRows[] = {
    {"--address", text, body, "address", true, "name@domain, or @domain for a catch-all"},
    {"--target", list, body, "targets", true, "Who gets the mail; repeat it for several"},
    {"--disabled", flag_false, body, "enabled", false, "The address does not exist yet"},
};
constexpr OptionRow kAliasUpdateRows[] = {
    {"alias", text, path, "id", true, "Address or id"},
    {"--target", list, body, "targets", false, "Who gets the mail; replaces all targets"},
    {"--enable", flag_true, body, "enabled", false, "Let it exist"},
    {"--disable", flag_false, body, "enabled", false, "Let it not exist"},
};
constexpr OptionRow kRevisionKeyRows[] = {{"number", text, path, "number", true, "The revision"}};
constexpr OptionRow kJobKeyRows[] = {
    {"job", text, path, "id", true, "Number of the job, or the kind of a periodic one"},
};
constexpr OptionRow kJobListRows[] = {
    {"--kind", text, query, "kind", false, "Only jobs of this kind, such as audit_retention"},
    {"--state", text, query, "state", false, "Only waiting, running, done or failed ones"},
    {"--limit", number, query, "limit", false, "Rows of a page, 1 to 500"},
    {"--cursor", text, query, "cursor", false,
     "Where the next page begins, as the page before says"},
};
constexpr OptionRow kDeletedKeyRows[] = {
    {"id", text, path, "id", true, "Its id in the list, such as test@example.com-42"},
};
constexpr OptionRow kMailRestoreRows[] = {
    {"id", text, path, "id", true, "Its id in the list, such as test@example.com-42"},
    {"--mailbox", text, body, "mailbox", true, "The mailbox that gets the mail"},
};
constexpr OptionRow kSiteRestoreRows[] = {
    {"id", text, path, "id", true, "Its id in the list, such as example.com-42"},
    {"--site", text, body, "site", true, "The domain whose web site it becomes"},
};
constexpr OptionRow kRestartRows[] = {
    {"service", text, body, "service", true, "apache, bind or mail"},
    {"--daemon", text, body, "daemon", false, "Only this daemon of it"},
};
constexpr OptionRow kLogsRows[] = {
    {"service", text, query, "service", false,
     "apache, bind, mail, api or certs; all when missing"},
    {"--log", text, query, "log", false, "One log of the service, such as postfix"},
    {"--lines", number, query, "lines", false, "How many lines of each, 1 to 1000"},
};
constexpr OptionRow kMailSendRows[] = {
    {"--from", text, body, "from", false, "An own address or alias; yours when missing"},
    {"--to", list, body, "to", true, "Recipients; repeat it for several"},
    {"--subject", text, body, "subject", true, "One line"},
    {"--text", input, body, "text", true, "The text; read from standard input when missing"},
};
constexpr OptionRow kMailTestRows[] = {
    {"--from", text, body, "from", false, "Envelope sender; yours when missing"},
    {"--to", text, body, "to", true, "A mailbox of this pod"},
};

constexpr Column kUserColumns[] = {"id", "email", "role", "enabled", "quota", "services"};
constexpr Column kDomainColumns[] = {"id", "name", "enabled", "revision", "updated"};
constexpr Column kAliasColumns[] = {"id", "address", "targets", "enabled"};
constexpr Column kRevisionColumns[] = {"revision", "at", "state", "actor", "summary"};
constexpr Column kAuditColumns[] = {"at", "event", "actor", "subject", "remote_address"};
constexpr Column kJobColumns[] = {"id",  "kind",     "subject",   "state",
                                  "due", "attempts", "last_error"};
constexpr Column kDeletedColumns[] = {"id", "name", "deleted", "erased_after", "bytes"};
constexpr Column kSettingColumns[] = {"name", "value", "default"};

constexpr std::array kCommands = std::to_array<CommandRow>({
    {"users", "list", "GET", "/api/users", kDomainPageRows, kUserColumns, "", "List users"},
    {"users", "show", "GET", "/api/users/{id}", kUserKeyRows, {}, "", "Show a user"},
    {"users",
     "create",
     "POST",
     "/api/users",
     kUserCreateRows,
     {},
     "created user {email}",
     "Create a user with a mailbox"},
    {"users",
     "update",
     "PUT",
     "/api/users/{id}",
     kUserUpdateRows,
     {},
     "updated user {email}",
     "Change a user"},
    {"users",
     "password",
     "PUT",
     "/api/users/{id}",
     kUserPasswordRows,
     {},
     "changed the password of {email}, whose logins have ended (log in again)",
     "Set a user's password"},
    {"users",
     "delete",
     "DELETE",
     "/api/users/{id}",
     kUserKeyRows,
     {},
     "deleted user {email}; the mail was moved aside",
     "Delete a user"},
    {"domains", "list", "GET", "/api/domains", kPageRows, kDomainColumns, "", "List domains"},
    {"domains", "show", "GET", "/api/domains/{name}", kDomainKeyRows, {}, "", "Show a domain"},
    {"domains",
     "create",
     "POST",
     "/api/domains",
     kDomainCreateRows,
     {},
     "created domain {name}",
     "Add a domain: mail, web site, zone, certificate"},
    {"domains",
     "import",
     "POST",
     "/api/domains/import",
     kDomainImportRows,
     {},
     "created {created} domains",
     "Add many domains at once, all or none"},
    {"domains",
     "update",
     "PUT",
     "/api/domains/{name}",
     kDomainUpdateRows,
     {},
     "updated domain {name}",
     "Enable or disable a domain"},
    {"domains",
     "delete",
     "DELETE",
     "/api/domains/{name}",
     kDomainKeyRows,
     {},
     "deleted domain {name}",
     "Delete an empty domain"},
    {"aliases", "list", "GET", "/api/aliases", kDomainPageRows, kAliasColumns, "", "List aliases"},
    {"aliases", "show", "GET", "/api/aliases/{id}", kAliasKeyRows, {}, "", "Show an alias"},
    {"aliases",
     "create",
     "POST",
     "/api/aliases",
     kAliasCreateRows,
     {},
     "created alias {address}",
     "Create an alias or a catch-all"},
    {"aliases",
     "update",
     "PUT",
     "/api/aliases/{id}",
     kAliasUpdateRows,
     {},
     "updated alias {address}",
     "Change an alias"},
    {"aliases",
     "delete",
     "DELETE",
     "/api/aliases/{id}",
     kAliasKeyRows,
     {},
     "deleted alias {address}",
     "Delete an alias"},
    {"revisions", "list", "GET", "/api/revisions", kPageRows, kRevisionColumns, "",
     "List changes, newest first"},
    {"revisions",
     "show",
     "GET",
     "/api/revisions/{number}",
     kRevisionKeyRows,
     {},
     "",
     "What became of a change"},
    {"settings",
     "list",
     "GET",
     "/api/settings",
     {},
     kSettingColumns,
     "",
     "List the settings in force"},
    {"audit", "list", "GET", "/api/audit", kPageRows, kAuditColumns, "",
     "Who did what, newest first"},
    {"jobs", "list", "GET", "/api/jobs", kJobListRows, kJobColumns, "",
     "List background work, newest first"},
    {"jobs", "show", "GET", "/api/jobs/{id}", kJobKeyRows, {}, "", "Show a job and its steps"},
    {"jobs",
     "run",
     "POST",
     "/api/jobs/{id}/run",
     kJobKeyRows,
     {},
     "job {id} ({kind}) begins; see: podplay jobs show {id}",
     "Run a job now that waits or has failed",
     true},
    {"system",
     "status",
     "GET",
     "/api/system/status",
     {},
     {},
     "",
     "How every service and daemon is"},
    {"system",
     "restart",
     "POST",
     "/api/system/restart",
     kRestartRows,
     {},
     "restarted {service}",
     "Start the daemons of a service anew",
     true},
    {"system", "logs", "GET", "/api/system/logs", kLogsRows, {}, "", "The last lines of logs"},
    {"mail",
     "send",
     "POST",
     "/api/mail/send",
     kMailSendRows,
     {},
     "handed {message_id} to Postfix",
     "Send a message",
     true},
    {"mail",
     "queue",
     "GET",
     "/api/mail/queue",
     {},
     {},
     "",
     "What Postfix still has to deliver, and why"},
    {"mail",
     "test",
     "POST",
     "/api/mail/test",
     kMailTestRows,
     {},
     "",
     "Deliver a message to a mailbox and time it",
     true},
    {"mail deleted", "list", "GET", "/api/mail/deleted", kPageRows, kDeletedColumns, "",
     "List the mail of deleted mailboxes that can be restored"},
    {"mail deleted",
     "restore",
     "POST",
     "/api/mail/deleted/{id}/restore",
     kMailRestoreRows,
     {},
     "restoring as job {id}; see: podplay jobs show {id}",
     "Bring a deleted mailbox's mail back into a mailbox",
     true},
    {"mail deleted",
     "erase",
     "DELETE",
     "/api/mail/deleted/{id}",
     kDeletedKeyRows,
     {},
     "erased {id}",
     "Erase a deleted mailbox's mail for good",
     true},
    {"sites deleted", "list", "GET", "/api/sites/deleted", kPageRows, kDeletedColumns, "",
     "List deleted web sites that can be restored"},
    {"sites deleted",
     "restore",
     "POST",
     "/api/sites/deleted/{id}/restore",
     kSiteRestoreRows,
     {},
     "restoring as job {id}; see: podplay jobs show {id}",
     "Make a deleted site's files a domain's web site again",
     true},
    {"sites deleted",
     "erase",
     "DELETE",
     "/api/sites/deleted/{id}",
     kDeletedKeyRows,
     {},
     "erased {id}",
     "Erase a deleted web site for good",
     true},
    {"", "whoami", "GET", "/api/session", {}, {}, "", "Who is logged in"},
    {"", "status", "GET", "/api/system/status", {}, {}, "", "Short for system status"},
});

constexpr std::array kSpecial = std::to_array<SpecialRow>({
    {"login", "Log in and keep the token in the session file",
     "--email --password --password-stdin"},
    {"logout", "End the token"},
    {"bootstrap", "Make the first administrator, once; needs access to this host's podman",
     "--email --password --password-stdin --if-needed"},
    {"users import", "Create many users from a file of newline-delimited JSON"},
    {"up", "Start the pod and prove it", "--debug --replace"},
    {"down", "Stop the pod; volumes stay"},
    {"wait", "Wait until the pod is ready"},
    {"doctor", "Say what this host is and what `up` does about it"},
    {"where", "Say where everything is"},
    {"podman", "podman as this host needs it called"},
    {"settings doc", "Print docs/settings.md"},
    {"completion", "Print the completion of bash, zsh or fish"},
    {"version", "Print the version"},
});

}  // namespace

std::span<const CommandRow> commands() { return kCommands; }
std::span<const SpecialRow> special_commands() { return kSpecial; }

}  // namespace podplay::cli
