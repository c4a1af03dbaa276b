// Users, aliases and domains as the store keeps them. What the API shows of them is in wire.
#pragma once

#include <cstdint>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "base/clock.hpp"
#include "model/names.hpp"
#include "model/service.hpp"

namespace podplay {

enum class Role { user, domain_admin, admin };
// "user", "domain-admin" or "admin".
std::string_view to_text(Role role);
Result<Role> parse_role(std::string_view text, std::string_view field = "role");

// A role, and where: a domain of a domain administrator; empty for an administrator.
struct Grant {
  Role role = Role::user;
  std::string scope;
  WallTime created{};
};

// What a user may use. The field is named `services` in JSON and SQL.
enum class Offer { mail, www, webdav };
std::string_view to_text(Offer offer);
Result<Offer> parse_offer(std::string_view text, std::string_view field = "services");

// In bytes.
inline constexpr std::int64_t kDefaultQuota = 500LL << 20;

// A person who may log in to the API, to mail and to the web.
struct User {
  std::int64_t id = 0;
  // The owner of the mailbox (model/feed.hpp). Random, so that no other user ever has it.
  std::int64_t owner = 0;
  // The text of an EmailAddress. It is the login name too.
  std::string email;
  std::string username;
  // The domain of the email.
  std::string domain;
  // "$argon2id$...", or another scheme and its hash (auth/password_scheme.hpp). Never leaves the
  // store, control and the mail agent.
  std::string password_hash;
  // The strongest of the user's grants.
  Role role = Role::user;
  bool enabled = true;
  // In bytes; 0 is unlimited.
  std::int64_t quota = kDefaultQuota;
  std::set<Offer> offers{Offer::mail, Offer::www};
  WallTime created{};
  WallTime updated{};
  // The revision of its last change. It is the ETag too.
  Revision revision = 0;
  // What a domain administrator administers: any number of domains, or the own one among them.
  std::set<std::string> domains{};
  // A login needs more than the password, and mail takes app passwords only.
  bool second_factor = false;

  bool operator==(const User&) const = default;
};

// Mail for `address` goes to all `targets`.
struct Alias {
  std::int64_t id = 0;
  // The text of an AliasAddress.
  std::string address;
  std::string domain;
  // The texts of one EmailAddress or more.
  std::vector<std::string> targets;
  bool enabled = true;
  WallTime created{};
  WallTime updated{};
  Revision revision = 0;

  bool operator==(const Alias&) const = default;
};

struct Domain {
  std::int64_t id = 0;
  // The text of a DomainName.
  std::string name;
  bool enabled = true;
  WallTime created{};
  WallTime updated{};
  Revision revision = 0;
};

}  // namespace podplay
