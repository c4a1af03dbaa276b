// The one limit on guessing passwords, for all doors: HTTP, SMTP AUTH, IMAP, POP3 and ManageSieve.
//
// Who asks before each try and says how it ended gets this: after `account_tries` different wrong
// passwords an account is locked, after `address_tries` the address that they came from; both for a
// while that grows with each lock. The same wrong password again counts a tenth, since a forgotten
// client is no guesser. Locked accounts stay open for their owners: from an address where the owner
// got in before, only the tries from there count. Where a port forward hides addresses, a password
// with the mark of the right one is looked at while the account is locked; a guesser cannot tell
// which of his guesses has it (docs/limits.md).
#pragma once

#include <map>
#include <mutex>
#include <optional>
#include <string>
#include <vector>

#include "base/clock.hpp"
#include "base/secret.hpp"
#include "guard/login_log.hpp"
#include "guard/lru.hpp"
#include "guard/network.hpp"
#include "model/limits.hpp"

namespace podplay::guard {

struct LoginTry {
  // The login name as the client sent it; any text.
  std::string account;
  std::string address;
  std::string door;
  // Empty: nobody knows.
  std::string mark{};
};

struct LoginRefusal {
  // Whether the account is locked, or else the address.
  bool account = true;
  WallTime until{};
  // For the person who tries.
  std::string words() const;
};

// What is known about an account, for its owner and administrators.
struct AccountState {
  bool locked = false;
  WallTime until{};
  // Wrong passwords that count now.
  std::int64_t tries = 0;
  // How often it was locked within a day.
  int locks = 0;
  // Where the owner got in, such as "192.0.2.7"; the newest first.
  std::vector<std::string> known_networks{};
  // The last tries that failed or were refused, newest first; `count` of them each.
  std::vector<LoginEvent> last{};
};

// Of the last hour.
struct GuessingFigures {
  std::int64_t failed = 0;
  std::int64_t refused = 0;
  std::int64_t accounts = 0;
  std::int64_t addresses = 0;
  // Now.
  std::int64_t locked_accounts = 0;
  std::int64_t locked_addresses = 0;
};

// For any thread.
class LoginLimiter {
 public:
  explicit LoginLimiter(Clock& clock, LimitRules rules = {});

  // The rules of the control plane. Counts stay. The addresses are shared besides those that the
  // rules name.
  void use_rules(const LimitRules& rules, const std::vector<std::string>& shared);
  // Before the first login. Without it, every try is a guess of its own.
  void use_nonce(Secret nonce);
  std::string mark_of(const std::string& account, const Secret& password) const;
  // The network of a client that can be told from others (guard/network.hpp), by the same rules as
  // here. Empty: the address is shared, or none.
  std::string network_of_one(const std::string& address) const;

  // Before a try. A refusal says that the password must not be looked at. A try counts as failed
  // from here, so that many at the same time are limited like one after the other.
  std::optional<LoginRefusal> begin(const LoginTry& attempt);
  void failed(const LoginTry& attempt);
  void succeeded(const LoginTry& attempt);
  void unlock(const std::string& account);

  // The other side of the link: what happened here, to be told there; what was told from there.
  // `from` names the teller: the events are told on to others, but not to the teller again. Empty:
  // they are told to nobody.
  const LoginLog& log() const { return log_; }
  // What is after the position. A stranger's position gets what is known about owners first.
  LoginPage tell(const LoginPosition& position, const std::string& asking);
  void hear(const std::vector<LoginEvent>& events, const std::string& from);
  // What must outlive the program, for hear(): owners' places, and the tries that count still.
  std::vector<LoginEvent> memories() const;
  // Ends all waiting for events.
  void close() { log_.close(); }

  AccountState look(const std::string& account) const;
  // Until when this address is locked; nothing: it is not.
  std::optional<WallTime> address_lock(const std::string& address) const;
  GuessingFigures figures() const;

 private:
  // A tenth of a guess is the unit.
  struct Mark {
    std::string mark;
    int points = 0;
  };
  // Wrong tries of an account, of an address, or of an account from one of its known networks.
  struct Count {
    int points = 0;
    // Of the window; the first try in it.
    WallTime began{};
    // When the last try was.
    WallTime last{};
    WallTime locked_until{};
    WallTime last_lock{};
    int locks = 0;
    std::vector<Mark> marks{};
  };
  struct KnownNetwork {
    std::string network;
    WallTime seen{};
    Count count{};
  };
  // What an account's owner is known by.
  struct Owner {
    // Of the last right password.
    std::string mark;
    WallTime mark_seen{};
    // A try with this mark failed: the next one during a lock is looked at only then.
    WallTime not_before{};
    // The newest first.
    std::vector<KnownNetwork> networks{};
  };
  struct Minute {
    std::int64_t number = 0;
    std::int64_t failed = 0;
    std::int64_t refused = 0;
  };
  struct Waiting {
    std::int64_t count = 0;
    LoginEvent event{};
  };

  // All of these need mutex_.
  KnownNetwork* home_of(const std::string& account, const std::string& network);
  // What a lock is about: the address; or the account, at home only the one at this network.
  Count& locked_count(const std::string& account, const std::string& network);
  void tidy(Count& count, WallTime now) const;
  // The lock that is in force, or begins now.
  std::optional<WallTime> bar(Count& count, std::int64_t most, LoginEvent lock_event, WallTime now);
  bool is_owners_mark(const LoginTry& attempt);
  static int add_guess(Count& count, const std::string& mark, WallTime now);
  void count_try(const std::string& account, const std::string& network, const std::string& mark,
                 WallTime now);
  LoginRefusal refuse(const LoginTry& attempt, const std::string& account, bool of_account,
                      WallTime until, WallTime now);
  void tell_refused(WallTime now);
  bool learn_owner(const LoginEvent& event, const std::string& network);
  void remember_figures(const LoginEvent& event);
  void hear_one(const LoginEvent& event);
  std::vector<LoginEvent> owners() const;

  // Constant after construction.
  Clock& clock_;
  // Guards itself.
  LoginLog log_;

  mutable std::mutex mutex_;
  // Guarded by mutex_.
  LimitRules rules_;
  SharedAddresses shared_;
  Secret nonce_;
  Lru<Count> accounts_;
  Lru<Count> addresses_;
  Lru<Owner> owners_;
  // Refused tries that are told together, once a second.
  std::map<std::string, Waiting> refused_;
  WallTime refused_told_{};
  // By minute of the hour.
  std::vector<Minute> minutes_;
};

}  // namespace podplay::guard
