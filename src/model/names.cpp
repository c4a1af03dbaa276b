// Parses names. What passes can be written into any configuration file as it is. Every error quotes
// the value and says what is allowed.
#include "model/names.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "base/ascii.hpp"
#include "base/control_character.hpp"

namespace podplay {
namespace {

// In octets, RFC 1035 section 2.3.4.
constexpr std::size_t kMostDomain = 253;
constexpr std::size_t kMostLabel = 63;
// The longest name that a zone of ours has above its apex (control/dns.cpp).
constexpr std::string_view kLongestPrefix = "_autodiscover._tcp.";
constexpr std::size_t kMostOwnDomain = kMostDomain - kLongestPrefix.size();
// In octets, RFC 5321 section 4.5.3.1.
constexpr std::size_t kMostLocal = 64;
constexpr std::size_t kMostAddress = 254;

bool is_alnum(char c) { return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9'); }

// The text for an error message: cut, and without control characters.
std::string shown(std::string_view text) {
  std::string result;
  for (const char c : text.substr(0, 80)) {
    result += is_control(c) ? '?' : c;
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

// What is wrong with the part before the @; empty when nothing is. RFC 5321 section 4.1.2:
// atoms (RFC 5322 section 3.2.3), separated by dots.
std::string fault_of_local(std::string_view text) {
  constexpr std::string_view kSpecial = "!#$%&'*+-/=?^_`{|}~.";
  if (text.empty()) {
    return "nothing stands before the @";
  }
  if (text.size() > kMostLocal) {
    return fmt::format("{} octets stand before the @, and {} are the most", text.size(),
                       kMostLocal);
  }
  for (const char c : text) {
    if (static_cast<unsigned char>(c) >= 0x80) {
      return "it is not all ASCII, and mail with other characters in addresses (RFC 6531) is not "
             "taken here";
    }
    if (!is_alnum(c) && kSpecial.find(c) == kSpecial.npos) {
      return is_control(c) ? "it has a control character"
                           : fmt::format("the character {} is not allowed before the @", c);
    }
  }
  if (text.front() == '-') {
    return "it begins with -, which programs take for an option";
  }
  if (text.front() == '.' || text.back() == '.' || text.find("..") != text.npos) {
    return "a dot stands only between two other characters";
  }
  return {};
}

// The same for a whole address, which is in lower case.
std::string fault_of_address(std::string_view text) {
  const std::size_t at = text.rfind('@');
  if (at == text.npos) {
    return "it has no @";
  }
  if (text.size() > kMostAddress) {
    return fmt::format("it has {} octets, and {} are the most", text.size(), kMostAddress);
  }
  if (!is_domain(text.substr(at + 1))) {
    return "what stands behind the @ is not a domain name";
  }
  return fault_of_local(text.substr(0, at));
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

Result<DomainName> DomainName::parse_own(std::string_view text, std::string_view field) {
  TRY(auto name, parse(text, field));
  if (name.text().size() > kMostOwnDomain) {
    return bad(
        field, "domain_too_long",
        fmt::format("'{}' has {} octets; a domain here has at most {}, since {}DOMAIN must "
                    "fit into {} as well",
                    shown(text), name.text().size(), kMostOwnDomain, kLongestPrefix, kMostDomain),
        "use a shorter name");
  }
  return name;
}

Result<EmailAddress> EmailAddress::parse(std::string_view text, std::string_view field) {
  std::string address = lower(text);
  if (const std::string fault = fault_of_address(address); !fault.empty()) {
    return bad(field, "bad_email",
               fmt::format("'{}' is not an e-mail address: {}", shown(text), fault),
               "write it as name@example.com; the name has letters, digits, and any of "
               ". ! # $ % & ' * + - / = ? ^ _ ` { | } ~");
  }
  const std::size_t at = address.rfind('@');
  return EmailAddress(std::move(address), at);
}

Result<EmailAddress> EmailAddress::parse_own(std::string_view text, std::string_view field) {
  auto address = parse(text, field);
  if (!address) {
    return address;
  }
  if (address->local().find('+') != std::string::npos) {
    return bad(field, "bad_mailbox_name",
               fmt::format("'{}' cannot be a mailbox or alias: + begins a subaddress", shown(text)),
               "leave out what begins with +; mail for name+anything goes to name");
  }
  if (address->local().find('/') != std::string::npos) {
    return bad(
        field, "bad_mailbox_name",
        fmt::format("'{}' cannot be a mailbox or alias: / separates folders, and the mail of "
                    "an address is in a folder of its name",
                    shown(text)),
        "write another character for /");
  }
  return address;
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
