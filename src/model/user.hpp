// A person who may log in: to the API, to mail, to the web. Documented as the API shows them
// (wire/users).
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
// "user", "domain-admin", "admin"
std::string_view to_text(Role role);
Result<Role> parse_role(std::string_view text, std::string_view field = "role");

// What a user may use.
enum class Offer { mail, www, webdav };
std::string_view to_text(Offer offer);
Result<Offer> parse_offer(std::string_view text, std::string_view field = "services");

// bytes
inline constexpr std::int64_t kDefaultQuota = 500LL << 20;

struct User {
  std::int64_t id = 0;
  // Of his mailbox (model/feed.hpp); random, so that no other user ever has it.
  std::int64_t owner = 0;
  // an EmailAddress's text; the login name
  std::string email;
  std::string username;
  // of the email
  std::string domain;
  // $argon2id$..., never leaves store, control and the mail agent
  std::string password_hash;
  Role role = Role::user;
  bool enabled = true;
  // bytes; 0 is unlimited
  std::int64_t quota = kDefaultQuota;
  std::set<Offer> offers{Offer::mail, Offer::www};
  WallTime created{};
  WallTime updated{};
  // of its last change; the ETag
  Revision revision = 0;
};

// Mail for `address` goes to every one of `targets`.
struct Alias {
  std::int64_t id = 0;
  // an AliasAddress's text
  std::string address;
  std::string domain;
  // EmailAddress texts, at least one
  std::vector<std::string> targets;
  bool enabled = true;
  WallTime created{};
  WallTime updated{};
  Revision revision = 0;
};

struct Domain {
  std::int64_t id = 0;
  // a DomainName's text
  std::string name;
  bool enabled = true;
  WallTime created{};
  WallTime updated{};
  Revision revision = 0;
};

}  // namespace podplay
