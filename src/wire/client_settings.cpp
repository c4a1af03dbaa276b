// Only TLS from the start is offered where a client takes one way. Values are escaped for XML: an
// address may have & and '.
#include "wire/client_settings.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>

#include "base/encoding.hpp"

namespace podplay::wire {
namespace {

using enum FieldType;

constexpr FieldRow kClientSettingsFields[] = {
    {.name = "domain",
     .type = text,
     .required = true,
     .help = "The domain of the addresses",
     .example = R"("example.com")"},
    {.name = "server",
     .type = text,
     .required = true,
     .help = "The server for IMAP, POP3, SMTP and ManageSieve; the user name is the whole address",
     .example = R"("mail.example.com")"},
    {.name = "imap_tls",
     .type = integer,
     .required = true,
     .help = "Port of IMAP with TLS from the start",
     .example = "993"},
    {.name = "imap_starttls",
     .type = integer,
     .required = true,
     .help = "Port of IMAP with STARTTLS",
     .example = "143"},
    {.name = "pop3_tls",
     .type = integer,
     .required = true,
     .help = "Port of POP3 with TLS from the start",
     .example = "995"},
    {.name = "pop3_starttls",
     .type = integer,
     .required = true,
     .help = "Port of POP3 with STARTTLS",
     .example = "110"},
    {.name = "smtp_tls",
     .type = integer,
     .required = true,
     .help = "Port for sending with TLS from the start",
     .example = "465"},
    {.name = "smtp_starttls",
     .type = integer,
     .required = true,
     .help = "Port for sending with STARTTLS",
     .example = "587"},
    {.name = "sieve",
     .type = integer,
     .required = true,
     .help = "Port of ManageSieve, for filters",
     .example = "4190"},
};

// XML 1.0 section 2.4. Control characters are not possible in XML, not even escaped.
std::string escaped(std::string_view text) {
  std::string result;
  for (const char c : text) {
    switch (c) {
      case '&': result += "&amp;"; break;
      case '<': result += "&lt;"; break;
      case '>': result += "&gt;"; break;
      case '"': result += "&quot;"; break;
      case '\'': result += "&#39;"; break;
      default: result += static_cast<unsigned char>(c) < 0x20 ? '?' : c;
    }
  }
  return result;
}

std::string unescaped(std::string_view text) {
  constexpr std::array<std::pair<std::string_view, char>, 7> kNames{{{"&amp;", '&'},
                                                                     {"&lt;", '<'},
                                                                     {"&gt;", '>'},
                                                                     {"&quot;", '"'},
                                                                     {"&apos;", '\''},
                                                                     {"&#39;", '\''},
                                                                     {"&#x27;", '\''}}};
  std::string result;
  while (!text.empty()) {
    const auto name =
        std::ranges::find_if(kNames, [&](const auto& one) { return text.starts_with(one.first); });
    result += name == kNames.end() ? text.front() : name->second;
    text.remove_prefix(name == kNames.end() ? 1 : name->first.size());
  }
  return result;
}

// The text of the first element of this local name. The request is a flat list of them
// (MS-OXDSCLI section 2.2.4.1.1), so no tree is needed, and no entity is ever expanded.
std::string element(std::string_view xml, std::string_view name) {
  for (std::size_t at = xml.find('<'); at != xml.npos; at = xml.find('<', at + 1)) {
    const std::size_t end = xml.find('>', at);
    if (end == xml.npos) {
      break;
    }
    std::string_view tag = xml.substr(at + 1, end - at - 1);
    tag = tag.substr(0, tag.find_first_of(" \t\r\n/"));
    tag = tag.substr(tag.find(':') + 1);
    if (tag == name) {
      const std::string_view text = xml.substr(end + 1, xml.find('<', end) - end - 1);
      const std::size_t first = text.find_first_not_of(" \t\r\n");
      const std::size_t last = text.find_last_not_of(" \t\r\n");
      return first == text.npos ? "" : unescaped(text.substr(first, last - first + 1));
    }
  }
  return {};
}

std::string thunderbird_server(std::string_view element_name, std::string_view type,
                               const ClientSettings& settings, std::int64_t port,
                               std::string_view socket) {
  return fmt::format(R"(    <{0} type="{1}">
      <hostname>{2}</hostname>
      <port>{3}</port>
      <socketType>{4}</socketType>
      <authentication>password-cleartext</authentication>
      <username>%EMAILADDRESS%</username>
    </{0}>
)",
                     element_name, type, escaped(settings.server), port, socket);
}

std::string outlook_protocol(std::string_view type, const ClientSettings& settings,
                             std::int64_t port, const std::string& email) {
  const std::string login =
      email.empty() ? "" : fmt::format("<LoginName>{}</LoginName>", escaped(email));
  return fmt::format(R"(      <Protocol>
        <Type>{}</Type>
        <Server>{}</Server>
        <Port>{}</Port>
        {}
        <DomainRequired>on</DomainRequired>
        <DomainName>{}</DomainName>
        <SPA>off</SPA>
        <SSL>on</SSL>
        <Encryption>SSL</Encryption>
        <AuthRequired>on</AuthRequired>
      </Protocol>
)",
                     type, escaped(settings.server), port, login, escaped(settings.domain));
}

// A UUID that follows from a text (RFC 9562 section 5.8).
std::string uuid_of(std::string_view text) {
  std::string digits = sha256_hex(text).substr(0, 32);
  digits[12] = '8';
  digits[16] = '8';
  return fmt::format("{}-{}-{}-{}-{}", digits.substr(0, 8), digits.substr(8, 4),
                     digits.substr(12, 4), digits.substr(16, 4), digits.substr(20));
}

std::string plist_text(std::string_view key, std::string_view value) {
  return fmt::format("<key>{}</key><string>{}</string>\n", key, escaped(value));
}
std::string plist_number(std::string_view key, std::int64_t value) {
  return fmt::format("<key>{}</key><integer>{}</integer>\n", key, value);
}

std::string apple_server(std::string_view way, const ClientSettings& settings, std::int64_t port,
                         const std::string& email, const Secret& password) {
  const std::string before = fmt::format("{}MailServer", way);
  const std::string given = fmt::format("{}Password", way);
  return (password.empty() ? "" : plist_text(given, password.reveal())) +
         plist_text(before + "Authentication", "EmailAuthPassword") +
         plist_text(before + "HostName", settings.server) +
         plist_number(before + "PortNumber", port) + "<key>" + before + "UseSSL</key><true/>\n" +
         plist_text(before + "Username", email);
}

}  // namespace

const Shape kClientSettings{.name = "ClientSettings",
                            .help = "What a mail client must be told",
                            .fields = kClientSettingsFields};

Json to_json(const ClientSettings& settings) {
  return {{"domain", settings.domain},     {"server", settings.server},
          {"imap_tls", settings.imap_tls}, {"imap_starttls", settings.imap_starttls},
          {"pop3_tls", settings.pop3_tls}, {"pop3_starttls", settings.pop3_starttls},
          {"smtp_tls", settings.smtp_tls}, {"smtp_starttls", settings.smtp_starttls},
          {"sieve", settings.sieve}};
}

std::string thunderbird_document(const ClientSettings& settings) {
  const std::string domain = escaped(settings.domain);
  return fmt::format(
      R"(<?xml version="1.0" encoding="UTF-8"?>
<clientConfig version="1.1">
  <emailProvider id="{0}">
    <domain>{0}</domain>
    <displayName>{0}</displayName>
    <displayShortName>{0}</displayShortName>
{1}  </emailProvider>
</clientConfig>
)",
      domain,
      thunderbird_server("incomingServer", "imap", settings, settings.imap_tls, "SSL") +
          thunderbird_server("incomingServer", "imap", settings, settings.imap_starttls,
                             "STARTTLS") +
          thunderbird_server("incomingServer", "pop3", settings, settings.pop3_tls, "SSL") +
          thunderbird_server("outgoingServer", "smtp", settings, settings.smtp_tls, "SSL") +
          thunderbird_server("outgoingServer", "smtp", settings, settings.smtp_starttls,
                             "STARTTLS"));
}

std::string outlook_document(const ClientSettings& settings, const std::string& email) {
  return fmt::format(
      R"(<?xml version="1.0" encoding="utf-8"?>
<Autodiscover xmlns="http://schemas.microsoft.com/exchange/autodiscover/responseschema/2006">
  <Response xmlns="{}">
    <Account>
      <AccountType>email</AccountType>
      <Action>settings</Action>
{}    </Account>
  </Response>
</Autodiscover>
)",
      kOutlookSchema,
      outlook_protocol("IMAP", settings, settings.imap_tls, email) +
          outlook_protocol("POP3", settings, settings.pop3_tls, email) +
          outlook_protocol("SMTP", settings, settings.smtp_tls, email));
}

std::string outlook_error(int code, std::string_view message) {
  return fmt::format(
      R"(<?xml version="1.0" encoding="utf-8"?>
<Autodiscover xmlns="http://schemas.microsoft.com/exchange/autodiscover/responseschema/2006">
  <Response>
    <Error>
      <ErrorCode>{}</ErrorCode>
      <Message>{}</Message>
      <DebugData />
    </Error>
  </Response>
</Autodiscover>
)",
      code, escaped(message));
}

OutlookRequest read_outlook_request(std::string_view body) {
  return {.email = element(body, "EMailAddress"),
          .schema = element(body, "AcceptableResponseSchema")};
}

std::string apple_document(const ClientSettings& settings, const std::string& email,
                           const Secret& password) {
  const std::string identifier = "podplay.mail." + email;
  return R"(<?xml version="1.0" encoding="UTF-8"?>
<!DOCTYPE plist PUBLIC "-//Apple//DTD PLIST 1.0//EN" "http://www.apple.com/DTDs/PropertyList-1.0.dtd">
<plist version="1.0">
<dict>
<key>PayloadContent</key>
<array>
<dict>
)" + plist_text("EmailAccountType", "EmailTypeIMAP") +
         plist_text("EmailAccountDescription", email) + plist_text("EmailAddress", email) +
         apple_server("Incoming", settings, settings.imap_tls, email, password) +
         apple_server("Outgoing", settings, settings.smtp_tls, email, password) +
         "<key>OutgoingPasswordSameAsIncomingPassword</key><true/>\n" +
         plist_text("PayloadType", "com.apple.mail.managed") + plist_number("PayloadVersion", 1) +
         plist_text("PayloadIdentifier", identifier + ".account") +
         plist_text("PayloadUUID", uuid_of("account " + email)) +
         plist_text("PayloadDisplayName", email) + "</dict>\n</array>\n" +
         plist_text("PayloadType", "Configuration") + plist_number("PayloadVersion", 1) +
         plist_text("PayloadIdentifier", identifier) +
         plist_text("PayloadUUID", uuid_of("profile " + email)) +
         plist_text("PayloadDisplayName", "Mail of " + email) +
         plist_text("PayloadOrganization", settings.domain) + "</dict>\n</plist>\n";
}

}  // namespace podplay::wire
