// What a certificate is for: a DNS name, a wildcard or an IP address (RFC 8555 section 7.1.4,
// RFC 8738).
#pragma once

#include <compare>
#include <string>
#include <string_view>
#include <vector>

#include "acme/jws.hpp"
#include "base/result.hpp"

namespace podplay::acme {

class Identifier {
 public:
  // "a.test", "*.a.test", "192.0.2.1", "2001:db8::1". An IPv6 address gets its usual text (RFC
  // 5952).
  static Result<Identifier> parse(std::string_view text, std::string_view field = "names");

  bool ip() const { return ip_; }
  bool wildcard() const { return text_.starts_with("*."); }
  // As it stands in the order and in the certificate.
  const std::string& text() const { return text_; }
  // Without "*.": what the authorization and its challenges are about.
  std::string base() const { return wildcard() ? text_.substr(2) : text_; }
  // The server name that TLS-ALPN-01 asks for: of an address, its reverse name (RFC 8738 section
  // 6).
  std::string server_name() const;

  auto operator<=>(const Identifier&) const = default;

 private:
  Identifier(std::string text, bool ip) : text_(std::move(text)), ip_(ip) {}
  std::string text_;
  bool ip_;
};

// {"type": "dns", "value": "a.test"}.
Json to_json(const Identifier& identifier);
// Reads an identifier of the authority.
Result<Identifier> identifier_from(const Json& json);

// All of them, sorted, each once. Every fault is in the error.
Result<std::vector<Identifier>> parse_identifiers(const std::vector<std::string>& names);
std::vector<std::string> texts_of(const std::vector<Identifier>& identifiers);

}  // namespace podplay::acme
