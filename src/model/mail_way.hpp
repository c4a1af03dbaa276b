// Where mail for an address goes, and so also who may send as that address. The control plane asks
// this of the store, the mail agent of its replica: one rule for the API, for RCPT and for the
// submission ports.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.hpp"

namespace podplay {

// An address in its parts. `detail` begins with '+' (RFC 5233), or is empty.
struct AddressParts {
  std::string user;
  std::string detail;
  std::string domain;

  // Without the detail.
  std::string base() const { return user + "@" + domain; }
};
// Nothing when there is no '@' behind a first character.
std::optional<AddressParts> split_address(std::string_view address);
// The address that mail for this one ends at; itself when it is none.
std::string without_detail(std::string_view address);

// The names whose postmaster and abuse the administrator gets (RFC 5321 section 4.5.1, RFC 2142)
// when neither a mailbox, an alias nor a catch-all has them: those of every domain, and of `host`.
struct RoleNames {
  // The mail server's own name. Mail for other addresses there is not taken.
  std::string host;
  // The administrator's address.
  std::string admin;
};

// What is asked about names. Addresses and domains are in lower case; an address has no detail, or
// is "@domain" for a catch-all.
class MailDirectory {
 public:
  virtual ~MailDirectory() = default;

  enum class DomainState { outside, enabled, disabled };
  virtual Result<DomainState> domain(const std::string& name) = 0;
  // Whether the mailbox takes mail; nothing when there is none.
  virtual Result<std::optional<bool>> mailbox(const std::string& address) = 0;
  // The targets of an enabled alias; empty when there is none.
  virtual Result<std::vector<std::string>> targets(const std::string& address) = 0;
};

// One place where mail ends.
struct MailEnd {
  // disabled: the mailbox, or its domain, takes no mail. missing: nothing of ours has this address.
  enum class Kind { mailbox, disabled, missing, outside };

  Kind kind = Kind::missing;
  // With the detail that mail arrives with.
  std::string address;
  // The alias that names this address as a target; empty when it is the address that was asked for.
  std::string via;

  bool takes_mail() const { return kind == Kind::mailbox || kind == Kind::outside; }
  // The address without detail: the login of a mailbox.
  std::string mailbox() const;
};

struct MailWay {
  // Each once, in the order of the targets.
  std::vector<MailEnd> ends;
  // It leads to more ends, or through more aliases, than are followed.
  bool too_long = false;

  // No alias in a circle ends anywhere.
  bool circular() const { return ends.empty() && !too_long; }
  bool takes_mail() const;
  // Whether this mailbox is one of the ends. Then it may also send as the address that was asked
  // for.
  bool reaches(const std::string& mailbox) const;
};

// Follows aliases to the last. An address without a mailbox or alias of its own goes to the alias
// or mailbox without its detail, then to the domain's catch-all, then to the roles. A detail is
// passed on to targets that have none. An alias in a circle is followed once.
Result<MailWay> follow_mail(MailDirectory& directory, const RoleNames& roles,
                            std::string_view address);

// Whether mail for `address` goes through the alias `alias` ("@domain": a catch-all).
Result<bool> leads_back(MailDirectory& directory, const RoleNames& roles, std::string_view address,
                        const std::string& alias);

}  // namespace podplay
