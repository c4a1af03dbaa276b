// Fills defaults that follow from the profile and from other settings, and checks the rules between
// settings. A setting that is set is never overwritten.
#include "model/settings.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <regex>

#include "base/control_character.hpp"
#include "model/names.hpp"

namespace podplay {
namespace {

struct ProfileDefault {
  Settings::Text name;
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
  Settings::Text name;
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

// Each is PODPLAY_LOG_LEVEL unless it is set.
constexpr Settings::Text kLogLevels[] = {
    "PODPLAY_MAIL_LOG_LEVEL", "PODPLAY_DNS_LOG_LEVEL",   "PODPLAY_WEB_LOG_LEVEL",
    "PODPLAY_CERT_LOG_LEVEL", "PODPLAY_USER_LOG_LEVEL",  "PODPLAY_API_LOG_LEVEL",
    "PODPLAY_AUTH_LOG_LEVEL", "PODPLAY_STORE_LOG_LEVEL", "PODPLAY_AGENT_LOG_LEVEL",
};

// A TXT record's text has at most 255 octets (RFC 1035 section 3.3.14), ours included.
constexpr std::size_t kLongestSpf = 200;

// Mechanisms of RFC 7208 section 5 that name servers, each with a value.
bool is_spf(std::string_view text) {
  static const std::regex kMechanism("[+?~]?(ip4|ip6|a|mx|include|exists):[A-Za-z0-9._:/%{}-]+");
  if (text.size() > kLongestSpf) {
    return false;
  }
  while (!text.empty()) {
    const std::string one(text.substr(0, text.find(' ')));
    text.remove_prefix(std::min(one.size() + 1, text.size()));
    if (!one.empty() && !std::regex_match(one, kMechanism)) {
      return false;
    }
  }
  return true;
}

void fill_log_levels(Settings& settings) {
  for (const Settings::Text name : kLogLevels) {
    settings.fill(name, settings.text("PODPLAY_LOG_LEVEL"));
  }
}

// Postfix's table has one line for a login, in which a colon ends the user's name.
void check_relay(const Settings& settings, std::vector<Fault>& faults) {
  const std::string& user = settings.text("PODPLAY_MAIL_RELAY_USER");
  const Secret password = settings.secret("PODPLAY_MAIL_RELAY_PASSWORD");
  if (user.empty() != password.empty()) {
    faults.push_back({user.empty() ? "PODPLAY_MAIL_RELAY_USER" : "PODPLAY_MAIL_RELAY_PASSWORD",
                      "relay_login_incomplete", "a login at the relay needs a name and a password",
                      "set PODPLAY_MAIL_RELAY_USER and PODPLAY_MAIL_RELAY_PASSWORD, or neither"});
  }
  if (user.find_first_of(": \t") != user.npos || std::ranges::any_of(user, is_control)) {
    faults.push_back({"PODPLAY_MAIL_RELAY_USER", "bad_relay_user",
                      "the name for the relay has a colon, a space or a control character",
                      "write the name without it"});
  }
  if (std::ranges::any_of(password.reveal(), is_control) || password.reveal().ends_with(' ')) {
    faults.push_back({"PODPLAY_MAIL_RELAY_PASSWORD", "bad_relay_password",
                      "the password for the relay has a control character or ends with a space",
                      "choose another password at the relay"});
  }
  if (!user.empty() && settings.text("PODPLAY_MAIL_RELAY_TLS") == "may") {
    faults.push_back({"PODPLAY_MAIL_RELAY_TLS", "relay_password_in_clear",
                      "a password for the relay must not be sent without TLS",
                      "set PODPLAY_MAIL_RELAY_TLS to verify or encrypt"});
  }
  if (!is_spf(settings.text("PODPLAY_MAIL_SPF"))) {
    faults.push_back(
        {"PODPLAY_MAIL_SPF", "bad_spf",
         fmt::format("'{}' is not a list of SPF mechanisms", settings.text("PODPLAY_MAIL_SPF")),
         "write ip4:, ip6:, a:, mx: or include: with a value, separated by spaces, "
         "without v=spf1 and without all"});
  }
}

// Links in mails are this and a path.
void check_public_url(const Settings& settings, std::vector<Fault>& faults) {
  static const std::regex kUrl("https?://[A-Za-z0-9.:\\[\\]-]+");
  const std::string& url = settings.text("PODPLAY_PUBLIC_URL");
  if (!std::regex_match(url, kUrl)) {
    faults.push_back({"PODPLAY_PUBLIC_URL", "bad_url",
                      fmt::format("'{}' is not the URL of a server", url),
                      "write https:// and a name, with :port where it needs one, and no path"});
  }
}

void check_outside_login(const Settings& settings, std::vector<Fault>& faults) {
  const std::string& issuer = settings.text("PODPLAY_OUTSIDE_LOGIN_ISSUER");
  const bool client = !settings.text("PODPLAY_OUTSIDE_LOGIN_CLIENT_ID").empty();
  if (issuer.empty() == client) {
    faults.push_back(
        {client ? "PODPLAY_OUTSIDE_LOGIN_ISSUER" : "PODPLAY_OUTSIDE_LOGIN_CLIENT_ID",
         "outside_login_incomplete", "logins by an outside provider need its URL and a client_id",
         "set PODPLAY_OUTSIDE_LOGIN_ISSUER and PODPLAY_OUTSIDE_LOGIN_CLIENT_ID, or neither"});
  }
  // OpenID Connect Discovery section 4.3: neither a query nor a fragment.
  static const std::regex kIssuer("https://[A-Za-z0-9.:\\[\\]-]+(/[A-Za-z0-9._~%/-]*)?");
  if (!issuer.empty() && !std::regex_match(issuer, kIssuer)) {
    faults.push_back({"PODPLAY_OUTSIDE_LOGIN_ISSUER", "bad_issuer",
                      fmt::format("'{}' is not the issuer of an OpenID provider", issuer),
                      "write its https:// URL, without ? and #"});
  }
  for (const std::string& domain : outside_login_domains(settings)) {
    collect(faults, DomainName::parse(domain, "PODPLAY_OUTSIDE_LOGIN_DOMAINS"));
  }
}

// The URL may hold a secret, so no message shows it.
void check_alerts(const Settings& settings, std::vector<Fault>& faults) {
  static const std::regex kUrl(
      "(https://[A-Za-z0-9.:\\[\\]-]+|http://127\\.0\\.0\\.1(:[0-9]+)?)(/[!-~]*)?");
  constexpr std::size_t kShortestSecret = 16;
  const Secret url = settings.secret("PODPLAY_ALERT_WEBHOOK");
  const Secret secret = settings.secret("PODPLAY_ALERT_WEBHOOK_SECRET");
  if (!url.empty() && !std::regex_match(url.reveal(), kUrl)) {
    faults.push_back({"PODPLAY_ALERT_WEBHOOK", "bad_webhook", "alerts cannot be posted to this URL",
                      "write an https:// URL without a user name"});
  }
  if (!url.empty() && secret.reveal().size() < kShortestSecret) {
    faults.push_back({"PODPLAY_ALERT_WEBHOOK_SECRET", "webhook_unsigned",
                      "the receiver of alerts must be able to check who sent them",
                      "set PODPLAY_ALERT_WEBHOOK_SECRET to 16 random characters or more, and tell "
                      "them to the receiver"});
  }
  if (!settings.text("PODPLAY_ALERT_MAIL").empty()) {
    collect(faults, EmailAddress::parse(settings.text("PODPLAY_ALERT_MAIL"), "PODPLAY_ALERT_MAIL"));
  }
}

}  // namespace

std::vector<std::string> outside_login_domains(const Settings& settings) {
  std::vector<std::string> domains;
  std::string_view text = settings.text("PODPLAY_OUTSIDE_LOGIN_DOMAINS");
  while (!text.empty()) {
    const std::size_t end = std::min(text.find_first_of(", "), text.size());
    if (end > 0) {
      domains.emplace_back(text.substr(0, end));
    }
    text.remove_prefix(std::min(end + 1, text.size()));
  }
  return domains;
}

Result<Settings> effective_settings(const std::map<std::string, std::string>& environment) {
  TRY(auto settings, Settings::parse(environment));
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
  const std::string& https = settings.text("PODPLAY_HOST_HTTPS_PORT");
  settings.fill("PODPLAY_PUBLIC_URL", "https://" + settings.text("PODPLAY_HOST_NAME") +
                                          (https == "443" ? "" : ":" + https));
  settings.fill("PODPLAY_MAIL_FROM", "postmaster@" + domain);
  settings.fill("PODPLAY_URL", "http://127.0.0.1:" + settings.text("PODPLAY_HOST_API_PORT"));
  fill_log_levels(settings);
  TRY(check_settings(settings));
  return settings;
}

Result<Settings> logging_settings(const std::map<std::string, std::string>& environment) {
  TRY(auto settings, Settings::parse(environment));
  fill_log_levels(settings);
  return settings;
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
  collect(faults, DomainName::parse_own(settings.text("PODPLAY_DOMAIN"), "PODPLAY_DOMAIN"));
  for (const Settings::Text name :
       std::initializer_list<Settings::Text>{"PODPLAY_MAIL_SERVER_NAME", "PODPLAY_HOST_NAME"}) {
    collect(faults, DomainName::parse(settings.text(name), name.text()));
  }
  collect(faults, EmailAddress::parse(settings.text("PODPLAY_ADMIN_EMAIL"), "PODPLAY_ADMIN_EMAIL"));
  collect(faults, EmailAddress::parse(settings.text("PODPLAY_MAIL_FROM"), "PODPLAY_MAIL_FROM"));
  if (settings.text("PODPLAY_MAIL_OUTBOUND") == "relay" &&
      settings.text("PODPLAY_MAIL_RELAY").empty()) {
    faults.push_back({"PODPLAY_MAIL_RELAY", "relay_missing",
                      "PODPLAY_MAIL_OUTBOUND=relay needs a relay",
                      "set PODPLAY_MAIL_RELAY=host:port"});
  }
  check_public_url(settings, faults);
  check_relay(settings, faults);
  check_outside_login(settings, faults);
  check_alerts(settings, faults);
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
  return no_faults(std::move(faults));
}

std::string settings_markdown() {
  std::string text =
      "# Settings\n\nGenerated from src/model/setting_rows.hpp by `podplayd settings-doc`. Nothing "
      "else configures the pod.\n\n"
      "| variable | default | allowed | applies | meaning |\n| --- | --- | --- | --- | --- |\n";
  for (const SettingRow& row : kSettingRows) {
    std::string range(row.range);
    for (std::size_t at = 0; (at = range.find('|', at)) != range.npos; at += 3) {
      range.replace(at, 1, " / ");
    }
    text += fmt::format("| `{}` | {} | {} | {} | {} |\n", row.name, row.default_value, range,
                        row.applies, row.help);
  }
  return text;
}

}  // namespace podplay
