// The table of PODPLAY_ variables, what follows from the profile and from other settings, and the
// rules between them.
#include "model/settings.hpp"

#include <fmt/format.h>

#include <array>

#include "model/names.hpp"

namespace podplay {
namespace {

using enum SettingType;

// An empty default is filled in by effective_settings: its help says from what.
constexpr SettingRow kRows[] = {
    {"PODPLAY_PROFILE", choice, "lab", "lab|server", "restart",
     "lab: ports without privileges on 127.0.0.1, nothing leaves the machine; server: the real "
     "ports on all IPv4 addresses"},
    {"PODPLAY_DOMAIN", domain_name, "example.com", "", "restart", "The first mail and web domain"},
    {"PODPLAY_HOST_NAME", host_name, "", "", "restart",
     "Name of the control host, which answers the API and has no pages of a domain, default: "
     "control.PODPLAY_DOMAIN"},
    {"PODPLAY_MAIL_SERVER_NAME", host_name, "", "", "restart",
     "Name of the mail server (RFC 5321 section 4.1.1.1), default: mail.PODPLAY_DOMAIN; must "
     "differ from every mail domain"},
    {"PODPLAY_HOST_ID", host_name, "main", "", "restart",
     "Name of this machine among those of one control plane; one machine needs no other"},
    {"PODPLAY_DOMAIN_LIMIT", integer, "1000", "1..100000", "restart",
     "Most domains; more need higher memory limits of the services (docs/operations.md)"},
    {"PODPLAY_ADMIN_EMAIL", text, "", "", "restart",
     "Address shown to visitors and in SOA records, default: admin@PODPLAY_DOMAIN"},
    {"PODPLAY_PUBLIC_IPV4", ip_address, "", "4", "restart",
     "Address that A records name, default in the lab profile: 127.0.0.1"},
    {"PODPLAY_PUBLIC_IPV6", ip_address, "", "6", "restart",
     "Address that AAAA records name, default: none"},
    {"PODPLAY_DNS_FORWARDERS", address_list, "", "", "restart",
     "Resolvers that BIND asks for the pod itself, default: none, recursion off"},
    {"PODPLAY_DNS_SECONDARIES", address_list, "", "", "restart",
     "Addresses that may transfer zones, default: nobody"},
    {"PODPLAY_MAIL_OUTBOUND", choice, "", "direct|relay|none", "restart",
     "Where mail for others goes; none keeps it in the queue. Default: none (lab), direct "
     "(server)"},
    {"PODPLAY_MAIL_RELAY", host_port, "", "", "restart",
     "host:port that takes mail for others when PODPLAY_MAIL_OUTBOUND=relay"},
    {"PODPLAY_MAIL_MESSAGE_SIZE", bytes, "25M", "", "restart",
     "Largest message, in bytes or with K, M, G"},
    {"PODPLAY_DATABASE_URL", secret, "", "", "restart",
     "postgresql://user:password@host/name; default: SQLite in the state volume"},
    {"PODPLAY_TOKEN_LIFETIME", integer, "43200", "60..31536000", "restart",
     "Seconds that a login lasts"},
    {"PODPLAY_AUDIT_RETENTION", integer, "365", "1..36500", "restart",
     "Days that audit events are kept"},
    {"PODPLAY_REVISION_RETENTION", integer, "90", "1..36500", "restart",
     "Days that revisions are listed; those that a service has not settled yet stay longer"},
    {"PODPLAY_DELETED_MAIL_RETENTION", integer, "30", "1..36500", "restart",
     "Days that the mail of a deleted mailbox can be restored; then it is erased"},
    {"PODPLAY_DELETED_SITE_RETENTION", integer, "30", "1..36500", "restart",
     "Days that a deleted web site can be restored; then it is erased"},
    {"PODPLAY_LOG_LEVEL", level, "INFO", "", "restart",
     "ERROR WARN INFO DEBUG TRACE, for everything"},
    {"PODPLAY_MAIL_LOG_LEVEL", level, "", "", "restart",
     "The same for mail, default: PODPLAY_LOG_LEVEL"},
    {"PODPLAY_DNS_LOG_LEVEL", level, "", "", "restart", "The same for DNS"},
    {"PODPLAY_WEB_LOG_LEVEL", level, "", "", "restart", "The same for the web server"},
    {"PODPLAY_CERT_LOG_LEVEL", level, "", "", "restart", "The same for certificates"},
    {"PODPLAY_USER_LOG_LEVEL", level, "", "", "restart", "The same for user management"},
    {"PODPLAY_API_LOG_LEVEL", level, "", "", "restart",
     "The same for the API; DEBUG shows every request"},
    {"PODPLAY_AUTH_LOG_LEVEL", level, "", "", "restart", "The same for logins"},
    {"PODPLAY_STORE_LOG_LEVEL", level, "", "", "restart", "The same for the store"},
    {"PODPLAY_AGENT_LOG_LEVEL", level, "", "", "restart", "The same for the agents"},
    {"PODPLAY_LOG_FORMAT", choice, "text", "text|json", "restart", "Form of a log line"},
    {"PODPLAY_LOG_COMMANDS", boolean, "false", "", "restart",
     "Logs every executed command with arguments, exit code, duration and output"},
    {"PODPLAY_LOG_CONFIGS", boolean, "false", "", "restart", "Logs every generated file as a diff"},
    {"PODPLAY_POD_NAME", host_name, "podplay", "", "host",
     "Name of the pod and the prefix of its containers"},
    {"PODPLAY_HOST_ADDRESS", ip_address, "", "", "host",
     "Address that ports are published on, default: 127.0.0.1 (lab), 0.0.0.0 (server)"},
    {"PODPLAY_HOST_HTTP_PORT", integer, "", "1..65535", "host",
     "Port of HTTP, default: 8080 (lab), 80 (server)"},
    {"PODPLAY_HOST_HTTPS_PORT", integer, "", "1..65535", "host",
     "Port of HTTPS, default: 8443 (lab), 443 (server)"},
    {"PODPLAY_HOST_DNS_PORT", integer, "", "1..65535", "host",
     "Port of DNS over UDP and TCP, default: 1053 (lab), 53 (server)"},
    {"PODPLAY_HOST_SMTP_PORT", integer, "", "1..65535", "host",
     "Port of SMTP, default: 2525 (lab), 25 (server)"},
    {"PODPLAY_HOST_SMTPS_PORT", integer, "", "1..65535", "host",
     "Port of submission with TLS from the start, default: 2465 (lab), 465 (server)"},
    {"PODPLAY_HOST_SUBMISSION_PORT", integer, "", "1..65535", "host",
     "Port of submission with STARTTLS, default: 2587 (lab), 587 (server)"},
    {"PODPLAY_HOST_IMAP_PORT", integer, "", "1..65535", "host",
     "Port of IMAP with STARTTLS, default: 2143 (lab), 143 (server)"},
    {"PODPLAY_HOST_IMAPS_PORT", integer, "", "1..65535", "host",
     "Port of IMAP with TLS from the start, default: 2993 (lab), 993 (server)"},
    {"PODPLAY_HOST_POP3_PORT", integer, "", "1..65535", "host",
     "Port of POP3 with STARTTLS, default: 2110 (lab), 110 (server)"},
    {"PODPLAY_HOST_POP3S_PORT", integer, "", "1..65535", "host",
     "Port of POP3 with TLS from the start, default: 2995 (lab), 995 (server)"},
    {"PODPLAY_HOST_SIEVE_PORT", integer, "", "1..65535", "host",
     "Port of ManageSieve, default: 2190 (lab), 4190 (server)"},
    {"PODPLAY_HOST_API_PORT", integer, "8600", "1..65535", "host",
     "Port of the API for the CLI, on 127.0.0.1 only"},
    {"PODPLAY_CERTS_VOLUME", text, "", "", "host", "Volume of the certificates, default: certs"},
    {"PODPLAY_LOGS_VOLUME", text, "", "", "host", "Volume of the logs, default: logs"},
    {"PODPLAY_USER_DATA_VOLUME", text, "", "", "host",
     "Volume of mail and web pages, default: user-data"},
    {"PODPLAY_STATE_VOLUME", text, "", "", "host", "Volume of the store, default: state"},
    {"PODPLAY_APACHE_STATE_VOLUME", text, "", "", "host",
     "Volume of Apache's releases, default: apache-state"},
    {"PODPLAY_BIND_STATE_VOLUME", text, "", "", "host",
     "Volume of BIND's releases, default: bind-state"},
    {"PODPLAY_MAIL_STATE_VOLUME", text, "", "", "host",
     "Volume of mail's releases, directory and queue, default: mail-state"},
    {"PODPLAY_OVERRIDES", file, "", "", "host",
     "Folder on the host with templates that replace ours: SERVICE/etc/..."},
    {"PODPLAY_URL", url, "", "", "host",
     "Base URL of the API for the CLI, default: http://127.0.0.1:PODPLAY_HOST_API_PORT"},
    {"PODPLAY_SETTINGS_FILE", file, "", "", "host",
     "File with NAME=value lines of these variables, the environment comes first; default: "
     "podplay.env beside the Makefile, if there"},
    {"PODPLAY_READY_DEADLINE", integer, "120", "5..3600", "host",
     "Seconds that `podplay up` waits for the pod to be ready"},
};

struct ProfileDefault {
  std::string_view name;
  std::string_view lab;
  std::string_view server;
};
constexpr ProfileDefault kProfileDefaults[] = {
    {"PODPLAY_PUBLIC_IPV4", "127.0.0.1", ""},         {"PODPLAY_MAIL_OUTBOUND", "none", "direct"},
    {"PODPLAY_HOST_ADDRESS", "127.0.0.1", "0.0.0.0"}, {"PODPLAY_HOST_HTTP_PORT", "8080", "80"},
    {"PODPLAY_HOST_HTTPS_PORT", "8443", "443"},       {"PODPLAY_HOST_DNS_PORT", "1053", "53"},
    {"PODPLAY_HOST_SMTP_PORT", "2525", "25"},         {"PODPLAY_HOST_SMTPS_PORT", "2465", "465"},
    {"PODPLAY_HOST_SUBMISSION_PORT", "2587", "587"},  {"PODPLAY_HOST_IMAP_PORT", "2143", "143"},
    {"PODPLAY_HOST_IMAPS_PORT", "2993", "993"},       {"PODPLAY_HOST_POP3_PORT", "2110", "110"},
    {"PODPLAY_HOST_POP3S_PORT", "2995", "995"},       {"PODPLAY_HOST_SIEVE_PORT", "2190", "4190"},
};

struct VolumeDefault {
  std::string_view name;
  std::string_view volume;
};
constexpr VolumeDefault kVolumeDefaults[] = {
    {"PODPLAY_CERTS_VOLUME", "certs"},
    {"PODPLAY_LOGS_VOLUME", "logs"},
    {"PODPLAY_USER_DATA_VOLUME", "user-data"},
    {"PODPLAY_STATE_VOLUME", "state"},
    {"PODPLAY_APACHE_STATE_VOLUME", "apache-state"},
    {"PODPLAY_BIND_STATE_VOLUME", "bind-state"},
    {"PODPLAY_MAIL_STATE_VOLUME", "mail-state"},
};

}  // namespace

std::span<const SettingRow> setting_rows() { return kRows; }

Result<Settings> effective_settings(const std::map<std::string, std::string>& environment) {
  TRY(auto parsed, Settings::parse(kRows, environment));
  Settings& settings = parsed;
  const bool server = settings.text("PODPLAY_PROFILE") == "server";
  for (const auto& row : kProfileDefaults) {
    settings.fill(row.name, std::string(server ? row.server : row.lab));
  }
  const std::string pod = settings.text("PODPLAY_POD_NAME");
  for (const auto& row : kVolumeDefaults) {
    settings.fill(row.name, (pod == "podplay" ? "" : pod + "-") + std::string(row.volume));
  }
  const std::string domain = settings.text("PODPLAY_DOMAIN");
  settings.fill("PODPLAY_HOST_NAME", "control." + domain);
  settings.fill("PODPLAY_MAIL_SERVER_NAME", "mail." + domain);
  settings.fill("PODPLAY_ADMIN_EMAIL", "admin@" + domain);
  settings.fill("PODPLAY_URL", "http://127.0.0.1:" + settings.text("PODPLAY_HOST_API_PORT"));
  for (const SettingRow& row : kRows) {
    if (row.name.ends_with("_LOG_LEVEL")) {
      settings.fill(row.name, settings.text("PODPLAY_LOG_LEVEL"));
    }
  }
  TRY(check_settings(settings));
  return parsed;
}

Status check_settings(const Settings& settings) {
  std::vector<Fault> faults;
  const std::string& server_name = settings.text("PODPLAY_MAIL_SERVER_NAME");
  if (server_name == settings.text("PODPLAY_DOMAIN")) {
    faults.push_back({"PODPLAY_MAIL_SERVER_NAME", "server_name_is_domain",
                      fmt::format("the mail server cannot be named {}: that is a mail domain, and "
                                  "Postfix would take its mail for local "
                                  "system users instead of mailboxes",
                                  server_name),
                      "name it mail." + server_name});
  }
  const std::string& host_name = settings.text("PODPLAY_HOST_NAME");
  if (host_name == settings.text("PODPLAY_DOMAIN")) {
    faults.push_back(
        {"PODPLAY_HOST_NAME", "host_name_is_domain",
         fmt::format("the control host cannot be named {}: that is a domain whose pages "
                     "users write, and its scripts would run beside the API",
                     host_name),
         "name it control." + host_name});
  }
  for (const auto* name : {"PODPLAY_DOMAIN", "PODPLAY_MAIL_SERVER_NAME", "PODPLAY_HOST_NAME"}) {
    const auto parsed = DomainName::parse(settings.text(name), name);
    if (!parsed) {
      faults.insert(faults.end(), parsed.error().faults.begin(), parsed.error().faults.end());
    }
  }
  const auto admin =
      EmailAddress::parse(settings.text("PODPLAY_ADMIN_EMAIL"), "PODPLAY_ADMIN_EMAIL");
  if (!admin) {
    faults.insert(faults.end(), admin.error().faults.begin(), admin.error().faults.end());
  }
  if (settings.text("PODPLAY_MAIL_OUTBOUND") == "relay" &&
      settings.text("PODPLAY_MAIL_RELAY").empty()) {
    faults.push_back({"PODPLAY_MAIL_RELAY", "relay_missing",
                      "PODPLAY_MAIL_OUTBOUND=relay needs a relay",
                      "set PODPLAY_MAIL_RELAY=host:port"});
  }
  if (settings.text("PODPLAY_MAIL_OUTBOUND") == "direct" &&
      settings.text("PODPLAY_DNS_FORWARDERS").empty()) {
    faults.push_back({"PODPLAY_DNS_FORWARDERS", "forwarders_missing",
                      "mail for others (PODPLAY_MAIL_OUTBOUND=direct) cannot leave without a "
                      "resolver that knows other people's names",
                      "set PODPLAY_DNS_FORWARDERS to your provider's resolvers, or "
                      "PODPLAY_MAIL_OUTBOUND to relay or none"});
  }
  if (settings.text("PODPLAY_PROFILE") == "server" &&
      settings.text("PODPLAY_PUBLIC_IPV4").empty() &&
      settings.text("PODPLAY_PUBLIC_IPV6").empty()) {
    faults.push_back({"PODPLAY_PUBLIC_IPV4", "address_missing",
                      "the server profile needs the address that DNS answers with",
                      "set PODPLAY_PUBLIC_IPV4 to this machine's public address"});
  }
  if (!faults.empty()) {
    return fail_faults(std::move(faults));
  }
  return {};
}

}  // namespace podplay
