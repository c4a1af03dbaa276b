// What podplayd and the agents tell each other about tries to log in, and the rules that limit
// tries and messages. Both sides count alike, since both use src/guard with these rules.
#pragma once

#include <chrono>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "base/clock.hpp"
#include "base/result.hpp"

namespace podplay {

// docs/limits.md explains the rules to people.
struct LimitRules {
  // So many wrong passwords within `window` lock an account, or an address that shows its clients.
  std::int64_t account_tries = 10;
  std::int64_t address_tries = 50;
  std::chrono::seconds window{3600};
  // The first lock; each further one within a day lasts twice as long, up to `longest_lock`.
  std::chrono::seconds lock{300};
  std::chrono::seconds longest_lock{3600};
  // Addresses that stand for many clients, besides those that the pod finds by itself.
  std::vector<std::string> shared_addresses{};
  // What an account may send within an hour; 0: no limit.
  std::int64_t hourly_messages = 500;
  std::int64_t hourly_recipients = 2000;
  bool operator==(const LimitRules&) const = default;
};

enum class LoginEventKind {
  // A wrong password, or an account that does not exist.
  failed,
  // A login from a place, or with a password, that is new or was not seen for an hour.
  succeeded,
  // A try that was not made, since the account or the address is locked.
  refused,
  // An account, or without one an address, is locked from now on.
  locked,
  // An administrator unlocked the account.
  unlocked,
};
std::string_view to_text(LoginEventKind kind);
Result<LoginEventKind> parse_login_event_kind(std::string_view text);

struct LoginEvent {
  // Of the log that the event is in; 0: it tells what was known before that log began.
  std::uint64_t seq = 0;
  WallTime at{};
  LoginEventKind kind = LoginEventKind::failed;
  // In lower case. Empty: the event is about an address only.
  std::string account{};
  // As the client's, such as "192.0.2.7". May be empty.
  std::string address{};
  // "http", "imap", "pop3", "smtp", "sieve".
  std::string door{};
  // Tells two passwords apart (guard/mark.hpp). Empty: nobody knows.
  std::string mark{};
  // How many tries; of `locked` the number of locks within a day.
  std::int64_t count = 1;
  // Of `locked`.
  WallTime until{};
};

// Which events of a log were seen.
struct LoginPosition {
  // Of the log; a new one begins with each start of a program. Empty: nothing was seen.
  std::string epoch{};
  std::uint64_t seq = 0;
};

// Some events of a log, and where the rest begins.
struct LoginPage {
  LoginPosition position{};
  std::vector<LoginEvent> events{};
};

}  // namespace podplay
