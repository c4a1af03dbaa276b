// The settings of mail clients, as JSON and in the documents by which clients set themselves up.
#pragma once

#include <cstdint>
#include <string>

#include "base/secret.hpp"
#include "wire/shape.hpp"

namespace podplay::wire {

// The user name is the whole address, everywhere.
struct ClientSettings {
  std::string domain;
  // The name of the mail server.
  std::string server;
  // Ports as clients reach them.
  std::int64_t imap_tls = 993;
  std::int64_t imap_starttls = 143;
  std::int64_t pop3_tls = 995;
  std::int64_t pop3_starttls = 110;
  std::int64_t smtp_tls = 465;
  std::int64_t smtp_starttls = 587;
  std::int64_t sieve = 4190;
};

extern const Shape kClientSettings;
Json to_json(const ClientSettings& settings);

// config-v1.1.xml of Thunderbird and others (draft-ietf-mailmaint-autoconfig). %EMAILADDRESS% in it
// is the client's to fill in.
std::string thunderbird_document(const ClientSettings& settings);

// The answer of Autodiscover version 1 (MS-OXDSCLI). An empty address leaves the login name out.
std::string outlook_document(const ClientSettings& settings, const std::string& email);
// Its answer when it has no settings: 600 for a request that is wrong, 601 for settings of a kind
// that this server does not have.
std::string outlook_error(int code, std::string_view message);

// What a client asks Autodiscover for.
struct OutlookRequest {
  // As it was sent; empty when it is missing.
  std::string email;
  // The schema that it accepts; empty when it is missing.
  std::string schema;
};
inline constexpr std::string_view kOutlookSchema =
    "http://schemas.microsoft.com/exchange/autodiscover/outlook/responseschema/2006a";
OutlookRequest read_outlook_request(std::string_view body);

// A configuration profile for Apple's Mail. It is not signed, so the device says so. The same
// address has the same identifiers, so a newer profile replaces an older one. Without a password,
// the device asks for it.
std::string apple_document(const ClientSettings& settings, const std::string& email,
                           const Secret& password = {});

}  // namespace podplay::wire
