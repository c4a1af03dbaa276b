// The routes. A path is one whole string: grep finds it.
#include "api/routes.hpp"

#include <array>

#include "api/handlers.hpp"
#include "wire/agents.hpp"
#include "wire/aliases.hpp"
#include "wire/domains.hpp"
#include "wire/logins.hpp"
#include "wire/mail.hpp"
#include "wire/services.hpp"
#include "wire/users.hpp"

namespace podplay::api {
namespace {

using enum Permission;
using enum Effect;

constexpr std::array kRoutes = std::to_array<Route>({
    {"GET", "/livez", anyone, reads, nullptr, "", "", "", get_livez, "The control plane runs"},
    {"GET", "/readyz", anyone, reads, nullptr, "", "wait", "", get_readyz,
     "200 when every service is ready, else 503; says what each waits for"},
    {"GET", "/api/openapi.json", anyone, reads, nullptr, "", "", "", get_openapi,
     "This description"},

    {"POST", "/api/bootstrap", anyone, changes, &wire::kBootstrap, "USER_CREATED", "bootstrap", "",
     bootstrap, "Make the first administrator, once"},
    {"POST", "/api/login", anyone, acts, &wire::kLogin, "LOGIN_SUCCESS", "login", "", login,
     "A password for a bearer token"},
    {"POST", "/api/logout", user, acts, nullptr, "LOGOUT", "logout", "", logout, "End the token"},
    {"GET", "/api/session", user, reads, nullptr, "", "whoami", "", get_session,
     "Who the token belongs to"},

    {"GET", "/api/users", domain_admin, reads, nullptr, "", "users list", "limit cursor domain",
     list_users, "Users in pages: ?limit, ?cursor, ?domain"},
    {"POST", "/api/users", domain_admin, changes, &wire::kUserCreate, "USER_CREATED",
     "users create", "", create_user, "Create a user"},
    {"POST", "/api/users/import", admin, changes, &wire::kUserImport, "USERS_IMPORTED",
     "users import", "", import_users,
     "Create many users from newline-delimited JSON, all or nothing"},
    {"GET", "/api/users/{id}", user, reads, nullptr, "", "users show", "", get_user,
     "One user, by id or e-mail address"},
    {"PUT", "/api/users/{id}", user, changes, &wire::kUserUpdate, "USER_UPDATED", "users update",
     "", update_user, "Change what is given; a user may change his own password"},
    {"DELETE", "/api/users/{id}", domain_admin, changes, nullptr, "USER_DELETED", "users delete",
     "", delete_user, "Delete a user; the mail is moved aside"},

    {"GET", "/api/domains", domain_admin, reads, nullptr, "", "domains list", "limit cursor",
     list_domains, "Domains in pages: ?limit, ?cursor"},
    {"POST", "/api/domains", admin, changes, &wire::kDomainCreate, "DOMAIN_CREATED",
     "domains create", "", create_domain, "Add a domain: mail, web site, zone, certificate"},
    {"POST", "/api/domains/import", admin, changes, &wire::kDomainImport, "DOMAINS_IMPORTED",
     "domains import", "", import_domains, "Add many domains as one revision, all or nothing"},
    {"GET", "/api/domains/{name}", domain_admin, reads, nullptr, "", "domains show", "", get_domain,
     "One domain"},
    {"PUT", "/api/domains/{name}", admin, changes, &wire::kDomainUpdate, "DOMAIN_UPDATED",
     "domains update", "", update_domain, "Enable or disable a domain"},
    {"DELETE", "/api/domains/{name}", admin, changes, nullptr, "DOMAIN_DELETED", "domains delete",
     "", delete_domain, "Delete a domain without users and aliases"},

    {"GET", "/api/aliases", domain_admin, reads, nullptr, "", "aliases list", "limit cursor domain",
     list_aliases, "Aliases in pages: ?limit, ?cursor, ?domain"},
    {"POST", "/api/aliases", domain_admin, changes, &wire::kAliasCreate, "ALIAS_CREATED",
     "aliases create", "", create_alias, "Create an alias or a catch-all"},
    {"GET", "/api/aliases/{id}", domain_admin, reads, nullptr, "", "aliases show", "", get_alias,
     "One alias, by id or address"},
    {"PUT", "/api/aliases/{id}", domain_admin, changes, &wire::kAliasUpdate, "ALIAS_UPDATED",
     "aliases update", "", update_alias, "Change targets or enable"},
    {"DELETE", "/api/aliases/{id}", domain_admin, changes, nullptr, "ALIAS_DELETED",
     "aliases delete", "", delete_alias, "Delete an alias"},

    {"GET", "/api/revisions", admin, reads, nullptr, "", "revisions list", "limit cursor",
     list_revisions, "Changes, newest first: ?limit, ?cursor"},
    {"GET", "/api/revisions/{number}", user, reads, nullptr, "", "revisions show", "wait",
     get_revision, "What became of a change; ?wait=SECONDS waits for it"},
    {"GET", "/api/settings", admin, reads, nullptr, "", "settings list", "", get_settings,
     "The settings in force, secrets left out"},
    {"GET", "/api/audit", admin, reads, nullptr, "", "audit list", "limit cursor", list_audit,
     "Who did what, newest first: ?limit, ?cursor"},

    {"GET", "/api/jobs", admin, reads, nullptr, "", "jobs list", "limit cursor kind state",
     list_jobs, "Background work, newest first: ?limit, ?cursor, ?kind, ?state"},
    {"GET", "/api/jobs/{id}", admin, reads, nullptr, "", "jobs show", "wait", get_job,
     "One job with its steps, by id, or by kind for the periodic one that waits or runs; "
     "?wait=SECONDS waits for its end"},
    {"POST", "/api/jobs/{id}/run", admin, acts, nullptr, "JOB_RUN", "jobs run", "", run_job,
     "Run a job now that waits or has failed, by id or kind"},

    {"GET", "/api/system/status", admin, reads, nullptr, "", "system status", "", get_status,
     "How every service and daemon is"},
    {"POST", "/api/system/restart", admin, acts, &wire::kRestart, "SERVICE_RESTARTED",
     "system restart", "", restart_service, "Start the daemons of a service anew"},
    {"GET", "/api/system/logs", admin, reads, nullptr, "", "system logs", "service log lines",
     get_logs, "The last lines of logs: ?service, ?log, ?lines"},

    {"POST", "/api/mail/send", user, acts, &wire::kMailSend, "MAIL_SENT", "mail send", "",
     send_mail, "Send a message"},
    {"GET", "/api/mail/queue", admin, reads, nullptr, "", "mail queue", "", get_mail_queue,
     "What Postfix still has to deliver, and why"},
    {"POST", "/api/mail/test", admin, acts, &wire::kMailTest, "MAIL_TESTED", "mail test", "",
     test_mail, "Deliver a message to a mailbox and time it"},
    {"GET", "/api/mail/deleted", admin, reads, nullptr, "", "mail deleted list", "limit cursor",
     list_deleted_mail, "Mail of deleted mailboxes that is still kept, newest first"},
    {"POST", "/api/mail/deleted/{id}/restore", admin, acts, &wire::kMailRestore, "MAIL_RESTORED",
     "mail deleted restore", "", restore_deleted_mail,
     "Bring a deleted mailbox's mail back into a mailbox, as a job"},
    {"DELETE", "/api/mail/deleted/{id}", admin, acts, nullptr, "MAIL_ERASED", "mail deleted erase",
     "", erase_deleted_mail, "Erase a deleted mailbox's mail for good"},

    {"GET", "/api/sites/deleted", admin, reads, nullptr, "", "sites deleted list", "limit cursor",
     list_deleted_sites, "Deleted web sites that are still kept, newest first"},
    {"POST", "/api/sites/deleted/{id}/restore", admin, acts, &wire::kSiteRestore, "SITE_RESTORED",
     "sites deleted restore", "", restore_deleted_site,
     "Make a deleted site's files a domain's web site again, as a job"},
    {"DELETE", "/api/sites/deleted/{id}", admin, acts, nullptr, "SITE_ERASED",
     "sites deleted erase", "", erase_deleted_site, "Erase a deleted web site for good"},
});

constexpr std::array kQueryRows = std::to_array<QueryRow>({
    {"limit", "integer", "Rows of a page, 1 to 500; default 50"},
    {"cursor", "string", "Where the page begins: `next` of the page before"},
    {"domain", "string", "Only of this domain"},
    {"wait", "integer",
     "Seconds to wait, at most 60: until the services have applied the change, or the job has "
     "ended"},
    {"kind", "string", "Only jobs of this kind, such as audit_retention"},
    {"state", "string", "Only jobs in this state: waiting, running, done or failed"},
    {"dry_run", "integer", "1: change nothing, tell what would change and what the checkers say"},
    {"service", "string", "apache, bind, mail, api or certs; all when missing"},
    {"log", "string", "One log of the service, such as postfix"},
    {"lines", "integer", "How many lines of each log, 1 to 1000; default 100"},
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

std::string_view permission_name(Permission permission) {
  switch (permission) {
    case anyone: return "anyone";
    case user: return "user";
    case domain_admin: return "domain-admin";
    case admin: return "admin";
  }
  return "";
}

Json operation(const Route& route) {
  Json result{{"summary", route.help},
              {"operationId", std::string(route.method) + " " + std::string(route.path)},
              {"x-permission", permission_name(route.permission)}};
  if (!route.audit.empty()) {
    result["x-audit-event"] = route.audit;
  }
  if (!route.cli.empty()) {
    result["x-cli"] = "podplay " + std::string(route.cli);
  }
  if (route.permission != anyone) {
    result["security"] = Json::array({{{"bearer", Json::array()}}});
  }
  Json parameters = Json::array();
  const std::size_t brace = route.path.find('{');
  if (brace != route.path.npos) {
    parameters.push_back({{"name", route.path.substr(brace + 1, route.path.find('}') - brace - 1)},
                          {"in", "path"},
                          {"required", true},
                          {"schema", {{"type", "string"}}}});
  }
  for (const QueryRow& row : query_rows(route)) {
    parameters.push_back({{"name", row.name},
                          {"in", "query"},
                          {"description", row.help},
                          {"schema", {{"type", row.type}}}});
  }
  const auto add_header = [&](const char* name, const char* help) {
    parameters.push_back({{"name", name},
                          {"in", "header"},
                          {"description", help},
                          {"schema", {{"type", "string"}}}});
  };
  if (route.method == "PUT" || route.method == "DELETE") {
    add_header("If-Match", "ETag of the object; another one is 412");
  }
  if (route.method == "POST" && route.permission != anyone) {
    add_header("Idempotency-Key", "A repetition with the same key gets the first answer");
  }
  result["parameters"] = std::move(parameters);
  if (route.shape != nullptr) {
    const char* type =
        route.shape == &wire::kUserImport ? "application/x-ndjson" : "application/json";
    result["requestBody"] = {
        {"required", true},
        {"content",
         {{type,
           {{"schema", {{"$ref", "#/components/schemas/" + std::string(route.shape->name)}}}}}}}};
  }
  const bool creates = route.effect == changes && route.method == "POST";
  Json responses{{"default",
                  {{"description", "A problem (RFC 9457)"},
                   {"content",
                    {{"application/problem+json",
                      {{"schema", {{"$ref", "#/components/schemas/Problem"}}}}}}}}}};
  if (creates) {
    responses["201"] = {{"description", "Created; with wait also what the services made of it"}};
  }
  if (!creates || route.effect == changes) {
    responses["200"] = {{"description", creates ? "What a dry run found" : "Done"}};
  }
  if (route.effect == changes) {
    responses["422"] = {
        {"description", "A service refused the change: a problem with `applied` and `revision`"}};
  }
  if (route.path == "/api/mail/send") {
    responses = {{"202", {{"description", "Handed to Postfix"}}},
                 {"default", responses["default"]}};
  }
  if (route.path == "/api/jobs/{id}/run" || route.path.ends_with("/restore")) {
    responses = {{"202", {{"description", "The job, which begins at once"}}},
                 {"default", responses["default"]}};
  }
  if (route.path == "/readyz") {
    responses["503"] = {{"description", "Not ready; the same body"}};
  }
  result["responses"] = std::move(responses);
  return result;
}

}  // namespace

std::span<const Route> routes() { return kRoutes; }

std::vector<QueryRow> query_rows(const Route& route) {
  const std::string names =
      " " + std::string(route.query) + (route.effect == changes ? " wait dry_run " : " ");
  std::vector<QueryRow> rows;
  for (const QueryRow& row : kQueryRows) {
    if (names.find(" " + std::string(row.name) + " ") != names.npos) {
      rows.push_back(row);
    }
  }
  return rows;
}

const Route* find_route(std::string_view method, std::string_view path, std::string& parameter,
                        std::string& allowed) {
  for (const Route& route : kRoutes) {
    if (!matches(route.path, path, parameter)) {
      continue;
    }
    // the server leaves the body out (RFC 9110 section 9.3.2)
    const bool head = method == "HEAD" && route.method == "GET";
    if (route.method == method || head) {
      return &route;
    }
    allowed += (allowed.empty() ? "" : ", ") +
               std::string(route.method == "GET" ? "GET, HEAD" : route.method);
  }
  return nullptr;
}

Json openapi() {
  Json paths = Json::object();
  Json schemas{{"Problem",
                {{"type", "object"},
                 {"description", "RFC 9457 with a stable `code` and every field's fault"},
                 {"properties",
                  {{"type", {{"type", "string"}}},
                   {"title", {{"type", "string"}}},
                   {"status", {{"type", "integer"}}},
                   {"detail", {{"type", "string"}}},
                   {"code", {{"type", "string"}}},
                   {"remedy", {{"type", "string"}}},
                   {"request_id", {{"type", "string"}}},
                   {"errors", {{"type", "array"}, {"items", {{"type", "object"}}}}}}}}}};
  for (const Route& route : kRoutes) {
    std::string method(route.method);
    for (char& c : method) {
      c = static_cast<char>(c - 'A' + 'a');
    }
    paths[std::string(route.path)][method] = operation(route);
    if (route.shape != nullptr) {
      schemas[std::string(route.shape->name)] = wire::openapi_schema(*route.shape);
    }
  }
  return {{"openapi", "3.1.0"},
          {"info",
           {{"title", "PodPlay"},
            {"version", PODPLAY_VERSION},
            {"description", "Every operation of the pod. How a change travels: docs/pipe.md"}}},
          {"paths", std::move(paths)},
          {"components",
           {{"schemas", std::move(schemas)},
            {"securitySchemes", {{"bearer", {{"type", "http"}, {"scheme", "bearer"}}}}}}}};
}

}  // namespace podplay::api
