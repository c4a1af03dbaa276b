// A person who may log in: to the API, to mail, to the web. Documented as the API shows them (wire/users).
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
std::string_view to_text(Role role);  // "user", "domain-admin", "admin"
Result<Role> parse_role(std::string_view text, std::string_view field = "role");

// What a user may use.
enum class Offer { mail, www, webdav };
std::string_view to_text(Offer offer);
Result<Offer> parse_offer(std::string_view text, std::string_view field = "services");

inline constexpr std::int64_t kDefaultQuota = 500LL << 20;  // bytes

struct User {
  std::int64_t id = 0;
  std::string email;  // an EmailAddress's text; the login name
  std::string username;
  std::string domain;         // of the email
  std::string password_hash;  // $argon2id$..., never leaves store, control and the mail agent
  Role role = Role::user;
  bool enabled = true;
  std::int64_t quota = kDefaultQuota;  // bytes; 0 is unlimited
  std::set<Offer> offers{Offer::mail, Offer::www};
  WallTime created{};
  WallTime updated{};
  Revision revision = 0;  // of its last change; the ETag
};

// Mail for `address` goes to every one of `targets`.
struct Alias {
  std::int64_t id = 0;
  std::string address;  // an AliasAddress's text
  std::string domain;
  std::vector<std::string> targets;  // EmailAddress texts, at least one
  bool enabled = true;
  WallTime created{};
  WallTime updated{};
  Revision revision = 0;
};

struct Domain {
  std::int64_t id = 0;
  std::string name;  // a DomainName's text
  bool enabled = true;
  WallTime created{};
  WallTime updated{};
  Revision revision = 0;  // also the serial of its zone
};

}  // namespace podplay
