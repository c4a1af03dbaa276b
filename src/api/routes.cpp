// Each route is one row. A request finds its row by path and method; for a path with another method
// it finds the methods that are allowed.
#include "api/routes.hpp"

#include <array>

#include "api/aliases.hpp"
#include "api/audit.hpp"
#include "api/deleted.hpp"
#include "api/domains.hpp"
#include "api/identity.hpp"
#include "api/jobs.hpp"
#include "api/limits.hpp"
#include "api/mail.hpp"
#include "api/openapi.hpp"
#include "api/revisions.hpp"
#include "api/settings.hpp"
#include "api/system.hpp"
#include "api/users.hpp"
#include "wire/aliases.hpp"
#include "wire/audit.hpp"
#include "wire/deleted.hpp"
#include "wire/domains.hpp"
#include "wire/jobs.hpp"
#include "wire/limits.hpp"
#include "wire/logins.hpp"
#include "wire/mail.hpp"
#include "wire/revisions.hpp"
#include "wire/services.hpp"
#include "wire/settings.hpp"
#include "wire/users.hpp"

namespace podplay::api {
namespace {

using enum Permission;
using enum Effect;

constexpr Success kCreated{.status = 201,
                           .help = "Created; with wait also the outcome at the services"};
constexpr Success kJobBegun{.status = 202, .help = "The job, which begins at once"};

constexpr std::array kRoutes = std::to_array<Route>({
    {.method = "GET",
     .path = "/livez",
     .permission = anyone,
     .effect = reads,
     .answer = &wire::kLive,
     .handler = get_livez,
     .help = "The control plane runs"},
    {.method = "GET",
     .path = "/readyz",
     .permission = anyone,
     .effect = reads,
     .answer = &wire::kReadiness,
     .unready = "Not ready; the same body",
     .command = "wait",
     .handler = get_readyz,
     .help = "200 when every service is ready, else 503; says what each waits for"},
    {.method = "GET",
     .path = "/api/openapi.json",
     .permission = anyone,
     .effect = reads,
     .handler = get_openapi,
     .help = "This description"},

    {.method = "POST",
     .path = "/api/bootstrap",
     .permission = anyone,
     .effect = changes,
     .body = &wire::kBootstrap,
     .answer = &wire::kUser,
     .success = kCreated,
     .audit_event = "USER_CREATED",
     .command = "bootstrap",
     .handler = bootstrap,
     .help = "Make the first administrator, once"},
    {.method = "POST",
     .path = "/api/login",
     .permission = anyone,
     .effect = acts,
     .body = &wire::kLogin,
     .answer = &wire::kLoginDone,
     .audit_event = "LOGIN_SUCCESS",
     .command = "login",
     .handler = login,
     .help = "Log in: get a bearer token for a password"},
    {.method = "POST",
     .path = "/api/logout",
     .permission = user,
     .effect = acts,
     .answer = &wire::kLogoutDone,
     .audit_event = "LOGOUT",
     .command = "logout",
     .handler = logout,
     .help = "Log out: end the token"},
    {.method = "GET",
     .path = "/api/session",
     .permission = user,
     .effect = reads,
     .answer = &wire::kUser,
     .command = "whoami",
     .handler = get_session,
     .help = "Show whose token it is"},

    {.method = "GET",
     .path = "/api/users",
     .permission = domain_admin,
     .effect = reads,
     .answer = &wire::kUser,
     .answer_form = AnswerForm::list,
     .command = "users list",
     .query = "limit cursor domain",
     .handler = list_users,
     .help = "Users in pages: ?limit, ?cursor, ?domain"},
    {.method = "POST",
     .path = "/api/users",
     .permission = domain_admin,
     .effect = changes,
     .body = &wire::kUserCreate,
     .answer = &wire::kUser,
     .success = kCreated,
     .audit_event = "USER_CREATED",
     .command = "users create",
     .handler = create_user,
     .help = "Create a user"},
    {.method = "POST",
     .path = "/api/users/import",
     .permission = admin,
     .effect = changes,
     .body = &wire::kUserImport,
     .body_kind = BodyKind::json_lines,
     .answer = &wire::kUsersImported,
     .success = kCreated,
     .audit_event = "USERS_IMPORTED",
     .command = "users import",
     .handler = import_users,
     .help = "Create many users from newline-delimited JSON, all or nothing"},
    {.method = "GET",
     .path = "/api/users/{id}",
     .permission = user,
     .effect = reads,
     .answer = &wire::kUser,
     .command = "users show",
     .handler = get_user,
     .help = "One user, by id or e-mail address"},
    {.method = "PUT",
     .path = "/api/users/{id}",
     .permission = user,
     .effect = changes,
     .body = &wire::kUserUpdate,
     .answer = &wire::kUser,
     .audit_event = "USER_UPDATED",
     .command = "users update",
     .handler = update_user,
     .help = "Change the given fields of a user; users may change their own password"},
    {.method = "DELETE",
     .path = "/api/users/{id}",
     .permission = domain_admin,
     .effect = changes,
     .answer = &wire::kUser,
     .audit_event = "USER_DELETED",
     .command = "users delete",
     .handler = delete_user,
     .help = "Delete a user; the mail is kept for some days"},
    {.method = "GET",
     .path = "/api/users/{id}/lock",
     .permission = user,
     .effect = reads,
     .answer = &wire::kUserLock,
     .command = "users why-locked",
     .handler = why_locked,
     .help = "Whether, until when and why logins of a user are refused"},
    {.method = "POST",
     .path = "/api/users/{id}/unlock",
     .permission = domain_admin,
     .effect = acts,
     .answer = &wire::kUserUnlocked,
     .audit_event = "USER_UNLOCKED",
     .command = "users unlock",
     .handler = unlock_user,
     .help = "Let a user log in again after too many wrong passwords"},

    {.method = "GET",
     .path = "/api/domains",
     .permission = domain_admin,
     .effect = reads,
     .answer = &wire::kDomain,
     .answer_form = AnswerForm::list,
     .command = "domains list",
     .query = "limit cursor",
     .handler = list_domains,
     .help = "Domains in pages: ?limit, ?cursor"},
    {.method = "POST",
     .path = "/api/domains",
     .permission = admin,
     .effect = changes,
     .body = &wire::kDomainCreate,
     .answer = &wire::kDomain,
     .success = kCreated,
     .audit_event = "DOMAIN_CREATED",
     .command = "domains create",
     .handler = create_domain,
     .help = "Add a domain: mail, web site, zone, certificate"},
    {.method = "POST",
     .path = "/api/domains/import",
     .permission = admin,
     .effect = changes,
     .body = &wire::kDomainImport,
     .answer = &wire::kDomainsImported,
     .success = kCreated,
     .audit_event = "DOMAINS_IMPORTED",
     .command = "domains import",
     .handler = import_domains,
     .help = "Add many domains as one revision, all or nothing"},
    {.method = "GET",
     .path = "/api/domains/{name}",
     .permission = domain_admin,
     .effect = reads,
     .answer = &wire::kDomain,
     .command = "domains show",
     .handler = get_domain,
     .help = "One domain"},
    {.method = "PUT",
     .path = "/api/domains/{name}",
     .permission = admin,
     .effect = changes,
     .body = &wire::kDomainUpdate,
     .answer = &wire::kDomain,
     .audit_event = "DOMAIN_UPDATED",
     .command = "domains update",
     .handler = update_domain,
     .help = "Enable or disable a domain"},
    {.method = "DELETE",
     .path = "/api/domains/{name}",
     .permission = admin,
     .effect = changes,
     .answer = &wire::kDomain,
     .audit_event = "DOMAIN_DELETED",
     .command = "domains delete",
     .handler = delete_domain,
     .help = "Delete a domain that has no users and aliases"},

    {.method = "GET",
     .path = "/api/aliases",
     .permission = domain_admin,
     .effect = reads,
     .answer = &wire::kAlias,
     .answer_form = AnswerForm::list,
     .command = "aliases list",
     .query = "limit cursor domain",
     .handler = list_aliases,
     .help = "Aliases in pages: ?limit, ?cursor, ?domain"},
    {.method = "POST",
     .path = "/api/aliases",
     .permission = domain_admin,
     .effect = changes,
     .body = &wire::kAliasCreate,
     .answer = &wire::kAlias,
     .success = kCreated,
     .audit_event = "ALIAS_CREATED",
     .command = "aliases create",
     .handler = create_alias,
     .help = "Create an alias or a catch-all"},
    {.method = "GET",
     .path = "/api/aliases/{id}",
     .permission = domain_admin,
     .effect = reads,
     .answer = &wire::kAlias,
     .command = "aliases show",
     .handler = get_alias,
     .help = "One alias, by id or address"},
    {.method = "PUT",
     .path = "/api/aliases/{id}",
     .permission = domain_admin,
     .effect = changes,
     .body = &wire::kAliasUpdate,
     .answer = &wire::kAlias,
     .audit_event = "ALIAS_UPDATED",
     .command = "aliases update",
     .handler = update_alias,
     .help = "Change the targets of an alias, or enable or disable it"},
    {.method = "DELETE",
     .path = "/api/aliases/{id}",
     .permission = domain_admin,
     .effect = changes,
     .answer = &wire::kAlias,
     .audit_event = "ALIAS_DELETED",
     .command = "aliases delete",
     .handler = delete_alias,
     .help = "Delete an alias"},

    {.method = "GET",
     .path = "/api/revisions",
     .permission = admin,
     .effect = reads,
     .answer = &wire::kRevision,
     .answer_form = AnswerForm::list,
     .command = "revisions list",
     .query = "limit cursor",
     .handler = list_revisions,
     .help = "Changes, newest first: ?limit, ?cursor"},
    {.method = "GET",
     .path = "/api/revisions/{number}",
     .permission = user,
     .effect = reads,
     .answer = &wire::kRevision,
     .command = "revisions show",
     .query = "wait",
     .handler = get_revision,
     .help = "One change and its outcome; ?wait=SECONDS waits for it"},

    {.method = "GET",
     .path = "/api/settings",
     .permission = admin,
     .effect = reads,
     .answer = &wire::kSetting,
     .answer_form = AnswerForm::list,
     .command = "settings list",
     .handler = get_settings,
     .help = "The settings in force, secrets left out"},

    {.method = "GET",
     .path = "/api/audit",
     .permission = admin,
     .effect = reads,
     .answer = &wire::kAuditEvent,
     .answer_form = AnswerForm::list,
     .command = "audit list",
     .query = "limit cursor",
     .handler = list_audit,
     .help = "Who did what, newest first: ?limit, ?cursor"},

    {.method = "GET",
     .path = "/api/jobs",
     .permission = admin,
     .effect = reads,
     .answer = &wire::kJob,
     .answer_form = AnswerForm::list,
     .command = "jobs list",
     .query = "limit cursor kind state",
     .handler = list_jobs,
     .help = "Background work, newest first: ?limit, ?cursor, ?kind, ?state"},
    {.method = "GET",
     .path = "/api/jobs/{id}",
     .permission = admin,
     .effect = reads,
     .answer = &wire::kJob,
     .command = "jobs show",
     .query = "wait",
     .handler = get_job,
     .help = "One job with its steps, by id, or by kind for the periodic one that waits or runs; "
             "?wait=SECONDS waits for its end"},
    {.method = "POST",
     .path = "/api/jobs/{id}/run",
     .permission = admin,
     .effect = acts,
     .answer = &wire::kJob,
     .success = kJobBegun,
     .audit_event = "JOB_RUN",
     .command = "jobs run",
     .handler = run_job,
     .help = "Run a waiting or failed job now, by id or kind"},

    {.method = "GET",
     .path = "/api/system/status",
     .permission = admin,
     .effect = reads,
     .answer = &wire::kSystemStatus,
     .command = "system status",
     .handler = get_status,
     .help = "State of every service and daemon"},
    {.method = "POST",
     .path = "/api/system/restart",
     .permission = admin,
     .effect = acts,
     .body = &wire::kRestart,
     .answer = &wire::kRestarted,
     .audit_event = "SERVICE_RESTARTED",
     .command = "system restart",
     .handler = restart_service,
     .help = "Restart the daemons of a service"},
    {.method = "GET",
     .path = "/api/system/logs",
     .permission = admin,
     .effect = reads,
     .answer = &wire::kLog,
     .answer_form = AnswerForm::list,
     .command = "system logs",
     .query = "service log lines",
     .handler = get_logs,
     .help = "The last lines of logs: ?service, ?log, ?lines"},

    {.method = "POST",
     .path = "/api/mail/send",
     .permission = user,
     .effect = acts,
     .body = &wire::kMailSend,
     .answer = &wire::kMailSent,
     .success = {.status = 202, .help = "Handed to Postfix"},
     .audit_event = "MAIL_SENT",
     .command = "mail send",
     .handler = send_mail,
     .help = "Send a message"},
    {.method = "GET",
     .path = "/api/mail/queue",
     .permission = admin,
     .effect = reads,
     .answer = &wire::kMailQueue,
     .command = "mail queue",
     .handler = get_mail_queue,
     .help = "What Postfix still has to deliver, and why"},
    {.method = "POST",
     .path = "/api/mail/test",
     .permission = admin,
     .effect = acts,
     .body = &wire::kMailTest,
     .answer = &wire::kMailTested,
     .audit_event = "MAIL_TESTED",
     .command = "mail test",
     .handler = test_mail,
     .help = "Deliver a message to a mailbox and time it"},
    {.method = "GET",
     .path = "/api/mail/deleted",
     .permission = admin,
     .effect = reads,
     .answer = &wire::kDeletedItem,
     .answer_form = AnswerForm::list,
     .command = "mail deleted list",
     .query = "limit cursor",
     .handler = list_deleted_mail,
     .help = "Mail of deleted mailboxes that is still kept, newest first"},
    {.method = "POST",
     .path = "/api/mail/deleted/{id}/restore",
     .permission = admin,
     .effect = acts,
     .body = &wire::kMailRestore,
     .answer = &wire::kJob,
     .success = kJobBegun,
     .audit_event = "MAIL_RESTORED",
     .command = "mail deleted restore",
     .handler = restore_deleted_mail,
     .help = "Restore a deleted mailbox's mail into a mailbox, as a job"},
    {.method = "DELETE",
     .path = "/api/mail/deleted/{id}",
     .permission = admin,
     .effect = acts,
     .answer = &wire::kErased,
     .audit_event = "MAIL_ERASED",
     .command = "mail deleted erase",
     .handler = erase_deleted_mail,
     .help = "Erase a deleted mailbox's mail forever"},

    {.method = "GET",
     .path = "/api/sites/deleted",
     .permission = admin,
     .effect = reads,
     .answer = &wire::kDeletedItem,
     .answer_form = AnswerForm::list,
     .command = "sites deleted list",
     .query = "limit cursor",
     .handler = list_deleted_sites,
     .help = "Deleted web sites that are still kept, newest first"},
    {.method = "POST",
     .path = "/api/sites/deleted/{id}/restore",
     .permission = admin,
     .effect = acts,
     .body = &wire::kSiteRestore,
     .answer = &wire::kJob,
     .success = kJobBegun,
     .audit_event = "SITE_RESTORED",
     .command = "sites deleted restore",
     .handler = restore_deleted_site,
     .help = "Restore a deleted site's files as a domain's web site, as a job"},
    {.method = "DELETE",
     .path = "/api/sites/deleted/{id}",
     .permission = admin,
     .effect = acts,
     .answer = &wire::kErased,
     .audit_event = "SITE_ERASED",
     .command = "sites deleted erase",
     .handler = erase_deleted_site,
     .help = "Erase a deleted web site forever"},
});

constexpr std::array kQueryRows = std::to_array<QueryRow>({
    {.name = "limit", .type = "integer", .help = "Rows of a page, 1 to 500; default 50"},
    {.name = "cursor",
     .type = "string",
     .help = "Where the page begins: the `next` of the page before it"},
    {.name = "domain", .type = "string", .help = "Only of this domain"},
    {.name = "wait",
     .type = "integer",
     .help = "Seconds to wait, at most 60: until the services have applied the change, or the job "
             "has ended"},
    {.name = "kind", .type = "string", .help = "Only jobs of this kind, such as audit_retention"},
    {.name = "state",
     .type = "string",
     .help = "Only jobs in this state: waiting, running, done or failed"},
    {.name = "dry_run",
     .type = "integer",
     .help = "1: change nothing; show what would change and what the checkers say"},
    {.name = "service", .type = "string", .help = "apache, bind, mail, api or certs; default: all"},
    {.name = "log", .type = "string", .help = "One log of the service, such as postfix"},
    {.name = "lines",
     .type = "integer",
     .help = "How many lines of each log, 1 to 1000; default 100"},
});

// "/api/jobs/{id}/run" against "/api/jobs/7/run": the parameter is one whole segment.
bool matches(std::string_view pattern, std::string_view path, std::string& parameter) {
  const std::size_t brace = pattern.find('{');
  if (brace == pattern.npos) {
    return pattern == path;
  }
  const std::string_view before = pattern.substr(0, brace);
  const std::string_view after = pattern.substr(pattern.find('}') + 1);
  if (path.size() <= before.size() + after.size() || !path.starts_with(before) ||
      !path.ends_with(after)) {
    return false;
  }
  const std::string_view segment =
      path.substr(before.size(), path.size() - before.size() - after.size());
  if (segment.find('/') != segment.npos) {
    return false;
  }
  parameter = segment;
  return true;
}

}  // namespace

std::span<const Route> routes() { return kRoutes; }

std::vector<QueryRow> query_rows(const Route& route) {
  const std::string_view of_changes = route.effect == changes ? " wait dry_run " : " ";
  const std::string names = " " + std::string(route.query) + std::string(of_changes);
  std::vector<QueryRow> rows;
  for (const QueryRow& row : kQueryRows) {
    if (names.find(" " + std::string(row.name) + " ") != names.npos) {
      rows.push_back(row);
    }
  }
  return rows;
}

std::string_view media_type(BodyKind kind) {
  return kind == BodyKind::json_lines ? "application/x-ndjson" : "application/json";
}

FoundRoute find_route(std::string_view method, std::string_view path) {
  FoundRoute found;
  for (const Route& route : kRoutes) {
    if (!matches(route.path, path, found.parameter)) {
      continue;
    }
    // HEAD is GET whose body the server leaves out (RFC 9110 section 9.3.2).
    const bool head = method == "HEAD" && route.method == "GET";
    if (route.method == method || head) {
      found.route = &route;
      found.allowed.clear();
      return found;
    }
    if (!found.allowed.empty()) {
      found.allowed += ", ";
    }
    found.allowed += route.method == "GET" ? "GET, HEAD" : route.method;
  }
  return found;
}

}  // namespace podplay::api
