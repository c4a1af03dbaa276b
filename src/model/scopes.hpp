// What a token may be used for: areas of the API, each to read or to write. A scope is "users:read"
// or "users:write"; who may write may read. Scopes only ever take away from what the user may do.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.hpp"

namespace podplay {

enum class Area {
  // The own account: password, second factors, sessions, tokens, own settings.
  account,
  // Users, their grants and limits.
  users,
  // Domains and web sites.
  domains,
  // Zones and records.
  dns,
  // Aliases, messages, queues, mailboxes.
  mail,
  certificates,
  // Services, jobs, revisions, settings, logs.
  system,
  audit,
};
// "account", "users" ...
std::string_view to_text(Area area);
Result<Area> parse_area(std::string_view text, std::string_view field = "area");

enum class Access { read, write };

// One scope, such as users:write.
struct Scope {
  Area area = Area::account;
  Access access = Access::read;
};
// "users:write"
std::string to_text(Scope scope);

// A set of scopes.
class Scopes {
 public:
  static Scopes none() { return {}; }
  static Scopes all();
  // Both, to read and to write, of one area.
  static Scopes of(Area area);
  // {"users:write", "audit:read"}; "all" and "read" stand for every area. A fault for each wrong
  // word, with `field`.
  static Result<Scopes> parse(const std::vector<std::string>& words,
                              std::string_view field = "scopes");
  // {"all"}, or each scope; write without the read that it implies.
  std::vector<std::string> words() const;

  void add(Scope scope);
  bool allows(Scope scope) const;
  bool is_within(const Scopes& others) const { return (bits_ & ~others.bits_) == 0; }
  bool empty() const { return bits_ == 0; }
  // What both allow.
  Scopes operator&(const Scopes& other) const;
  bool operator==(const Scopes&) const = default;

 private:
  // Two bits an area: read, write.
  std::uint32_t bits_ = 0;
};

}  // namespace podplay
