// Names as types: what exists is valid, has no newline and can be put into a configuration file.
#pragma once

#include <compare>
#include <string>
#include <string_view>

#include "base/result.hpp"

namespace podplay {

// A DNS domain name of at least two labels, LDH labels (RFC 1123 section 2.1), 253 octets at most,
// lower case, no trailing dot. Internationalised names are given in A-label form (RFC 5890).
class DomainName {
 public:
  static Result<DomainName> parse(std::string_view text, std::string_view field = "domain");
  // A domain that this server can have: its zone has names below it, and each of them must fit into
  // 253 octets, too.
  static Result<DomainName> parse_own(std::string_view text, std::string_view field = "domain");
  const std::string& text() const { return text_; }
  auto operator<=>(const DomainName&) const = default;

 private:
  explicit DomainName(std::string text) : text_(std::move(text)) {}
  std::string text_;
};

// An address local@domain (RFC 5321 section 4.1.2). The local part is a dot-string of atoms (RFC
// 5322 section 3.2.3) that does not begin with '-', 64 octets at most, kept in lower case; quoted
// local parts and other characters than ASCII are refused.
class EmailAddress {
 public:
  static Result<EmailAddress> parse(std::string_view text, std::string_view field = "email");
  // An address that a mailbox or alias here can have. It has no '+', which begins a subaddress (RFC
  // 5233: mail for a+b goes to a), and no '/', since the mail is in a folder of its name.
  static Result<EmailAddress> parse_own(std::string_view text, std::string_view field = "email");
  const std::string& text() const { return text_; }
  std::string local() const { return text_.substr(0, at_); }
  std::string domain() const { return text_.substr(at_ + 1); }
  auto operator<=>(const EmailAddress&) const = default;

 private:
  EmailAddress(std::string text, std::size_t at) : text_(std::move(text)), at_(at) {}
  std::string text_;
  std::size_t at_ = 0;
};

// The address of an alias: an EmailAddress that a mailbox could have, or "@domain" for a catch-all.
class AliasAddress {
 public:
  static Result<AliasAddress> parse(std::string_view text, std::string_view field = "address");
  const std::string& text() const { return text_; }
  bool catch_all() const { return text_.front() == '@'; }
  std::string domain() const { return text_.substr(text_.find('@') + 1); }
  auto operator<=>(const AliasAddress&) const = default;

 private:
  explicit AliasAddress(std::string text) : text_(std::move(text)) {}
  std::string text_;
};

// 3 to 64 of [a-zA-Z0-9_.-].
class UserName {
 public:
  static Result<UserName> parse(std::string_view text, std::string_view field = "username");
  const std::string& text() const { return text_; }

 private:
  explicit UserName(std::string text) : text_(std::move(text)) {}
  std::string text_;
};

}  // namespace podplay
