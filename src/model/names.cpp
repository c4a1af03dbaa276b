// Parses names. What passes can be written into any configuration file as it is. Every error quotes
// the value and says what is allowed.
#include "model/names.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "base/ascii.hpp"

namespace podplay {
namespace {

// In octets, RFC 1035 section 2.3.4.
constexpr std::size_t kMostDomain = 253;
constexpr std::size_t kMostLabel = 63;
// In octets, RFC 5321 section 4.5.3.1.
constexpr std::size_t kMostLocal = 64;
constexpr std::size_t kMostAddress = 254;

bool is_alnum(char c) { return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9'); }

// The text for an error message: cut, and without control characters.
std::string shown(std::string_view text) {
  std::string result;
  for (const char c : text.substr(0, 80)) {
    result += static_cast<unsigned char>(c) < 0x20 || c == 0x7f ? '?' : c;
  }
  return text.size() > 80 ? result + "..." : result;
}

std::unexpected<Error> bad(std::string_view field, const char* code, std::string message,
                           std::string remedy) {
  return fail_faults({{std::string(field), code, std::move(message), std::move(remedy)}});
}

bool is_label(std::string_view label) {
  return !label.empty() && label.size() <= kMostLabel && is_alnum(label.front()) &&
         is_alnum(label.back()) &&
         std::ranges::all_of(label, [](char c) { return is_alnum(c) || c == '-'; });
}

// At least two labels of letters, digits and hyphens (RFC 1123 section 2.1). The last is not all
// digits, since it could be taken for an IP address.
bool is_domain(std::string_view text) {
  if (text.size() > kMostDomain) {
    return false;
  }
  int labels = 0;
  std::string_view last;
  for (std::size_t at = 0; at <= text.size(); ++labels) {
    const std::size_t dot = std::min(text.find('.', at), text.size());
    last = text.substr(at, dot - at);
    if (!is_label(last)) {
      return false;
    }
    at = dot + 1;
  }
  return labels >= 2 && !std::ranges::all_of(last, [](char c) { return c >= '0' && c <= '9'; });
}

bool is_local(std::string_view text) {
  constexpr std::string_view kSpecial = "!#$&*+-=?^_{|}~.";
  return !text.empty() && text.size() <= kMostLocal && text.front() != '.' && text.back() != '.' &&
         text.find("..") == text.npos && text.front() != '-' &&
         std::ranges::all_of(
             text, [&](char c) { return is_alnum(c) || kSpecial.find(c) != kSpecial.npos; });
}

}  // namespace

Result<DomainName> DomainName::parse(std::string_view text, std::string_view field) {
  std::string name = lower(text);
  if (name.size() > kMostDomain) {
    return bad(field, "domain_too_long",
               fmt::format("'{}' has {} octets; a domain name has at most {}", shown(text),
                           name.size(), kMostDomain),
               "use a shorter name (RFC 1035 section 2.3.4)");
  }
  if (!is_domain(name)) {
    return bad(field, "bad_domain", fmt::format("'{}' is not a domain name", shown(text)),
               "use letters, digits and hyphens in at least two labels of at most 63 octets, such "
               "as example.com (A-labels for other scripts)");
  }
  return DomainName(std::move(name));
}

Result<EmailAddress> EmailAddress::parse(std::string_view text, std::string_view field) {
  std::string address = lower(text);
  const std::size_t at = address.rfind('@');
  if (at == address.npos || address.size() > kMostAddress ||
      !is_local(std::string_view(address).substr(0, at)) ||
      !is_domain(std::string_view(address).substr(at + 1))) {
    return bad(
        field, "bad_email", fmt::format("'{}' is not an e-mail address", shown(text)),
        "write it as name@example.com; the name has letters, digits and . _ + - and a few more");
  }
  return EmailAddress(std::move(address), at);
}

Result<EmailAddress> EmailAddress::parse_own(std::string_view text, std::string_view field) {
  auto address = parse(text, field);
  if (!address || address->local().find_first_of("+!") == std::string::npos) {
    return address;
  }
  return bad(field, "bad_mailbox_name",
             fmt::format("'{}' cannot be a mailbox or alias: + begins a subaddress, and ! a route",
                         shown(text)),
             "leave out what begins with + or !; mail for name+anything goes to name");
}

Result<AliasAddress> AliasAddress::parse(std::string_view text, std::string_view field) {
  if (text.starts_with('@')) {
    TRY(auto domain, DomainName::parse(text.substr(1), field));
    return AliasAddress("@" + domain.text());
  }
  TRY(auto email, EmailAddress::parse_own(text, field));
  return AliasAddress(email.text());
}

Result<UserName> UserName::parse(std::string_view text, std::string_view field) {
  const bool fine =
      text.size() >= 3 && text.size() <= 64 && std::ranges::all_of(text, [](char c) {
        return is_alnum(c) || (c >= 'A' && c <= 'Z') || c == '_' || c == '.' || c == '-';
      });
  if (!fine) {
    return bad(field, "bad_username", fmt::format("'{}' is not a user name", shown(text)),
               "use 3 to 64 of a-z A-Z 0-9 _ . -");
  }
  return UserName(std::string(text));
}

}  // namespace podplay
