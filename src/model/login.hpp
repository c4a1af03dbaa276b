// Logins: a session is a browser's, a token a program's. Each belongs to a user, expires, and tells
// how its user was proven.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "base/clock.hpp"
#include "base/result.hpp"
#include "model/scopes.hpp"

namespace podplay {

// How sure a login is of its user (NIST SP 800-63B section 4).
enum class Strength {
  // A password, or another's word for it.
  single_factor,
  // A password and something else, or a passkey that has verified its user.
  multi_factor,
};
std::string_view to_text(Strength strength);
Result<Strength> parse_strength(std::string_view text, std::string_view field = "strength");

// What proves a user beside the password.
enum class Factor { totp, passkey, recovery_code };
// "totp", "passkey", "recovery_code"
std::string_view to_text(Factor factor);
Result<Factor> parse_factor(std::string_view text, std::string_view field = "factor");

// What is known of the login that a request came with.
struct LoginFacts {
  enum class Kind {
    // No login: the program itself, a stranger.
    none,
    // A browser, by its cookie.
    session,
    // A program, by its bearer token.
    token,
  };
  Kind kind = Kind::none;
  // Of the session or the token.
  std::int64_t id = 0;
  Scopes scopes = Scopes::all();
  Strength strength = Strength::single_factor;
  // When a password or a second factor was given last; 1970: never.
  WallTime proven{};
  WallTime expires{};
};

// "none", "session", "token"
std::string_view to_text(LoginFacts::Kind kind);

// A browser's login as the store keeps it.
struct BrowserSession {
  std::int64_t id = 0;
  // SHA-256, in hex, of what the cookie holds.
  std::string hash;
  std::int64_t user_id = 0;
  Strength strength = Strength::single_factor;
  // What the browser calls itself.
  std::string agent;
  // Where it was begun.
  std::string address;
  WallTime created{};
  WallTime proven{};
  WallTime expires{};
  // Written some minutes late (control/identity/known_logins.hpp).
  WallTime last_used{};
  std::string last_address;
};

// A program's login as the store keeps it.
struct Token {
  std::int64_t id = 0;
  // SHA-256 of the token, in hex.
  std::string hash;
  std::int64_t user_id = 0;
  // The token that made it, with which it ends; 0: a login or a session made it.
  std::int64_t parent = 0;
  std::string name;
  Scopes scopes = Scopes::all();
  // "192.0.2.0/24"; empty: it may come from anywhere.
  std::vector<std::string> networks;
  Strength strength = Strength::single_factor;
  std::string address;
  WallTime created{};
  WallTime proven{};
  WallTime expires{};
  WallTime last_used{};
  std::string last_address;
};

// A login that still needs a second factor.
struct LoginTicket {
  // SHA-256 of the ticket, in hex.
  std::string hash;
  std::int64_t user_id = 0;
  // JSON of what the login will give (control/identity/login.hpp).
  std::string wish;
  // Wrong factors so far.
  std::int64_t failures = 0;
  WallTime created{};
  WallTime expires{};
};

}  // namespace podplay
