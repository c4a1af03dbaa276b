// Logins in memory, so that a request needs no SQL for its login and no write for its use.
//
// Two things keep it true beside another control plane on the same store. Whatever ends or weakens
// a login changes a number in the store (store::note_login_change), which is looked at once a
// second: an ended login is let in for at most a second longer. When a login was used is written
// after kUseDelay and kUseTurn at most, so a session that another control plane saw in use may end
// that much too early.
#pragma once

#include <array>
#include <atomic>
#include <chrono>
#include <condition_variable>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <memory>
#include <mutex>
#include <shared_mutex>
#include <string>
#include <string_view>
#include <thread>
#include <unordered_map>
#include <vector>

#include "base/log.hpp"
#include "control/identity/actor.hpp"
#include "model/address_range.hpp"
#include "store/sessions.hpp"
#include "store/store.hpp"

namespace podplay::control {

inline constexpr std::chrono::seconds kLookAfter{1};
inline constexpr std::chrono::minutes kUseDelay{5};
// How often last uses are written.
inline constexpr std::chrono::minutes kUseTurn{1};

// What tells logins apart: their kind, and the SHA-256 of the cookie or token that was shown.
struct LoginKey {
  static LoginKey of(LoginFacts::Kind kind, std::string_view shown);
  // The digest in hex, as the store has it.
  std::string hash() const;
  bool operator==(const LoginKey&) const = default;

  LoginFacts::Kind kind = LoginFacts::Kind::none;
  std::array<char, 32> digest{};
};

// One login that is known. Constant, apart from its last use. There may be tens of thousands,
// so it has only what an Actor is made of.
struct KnownLogin {
  KnownLogin(const User& user, const LoginFacts& facts, WallTime used);
  // The user of the login.
  Actor actor() const;

  LoginFacts facts;
  std::int64_t user_id;
  Role role;
  std::string email;
  // What a domain administrator administers; empty for others.
  std::vector<std::string> domains;
  // Where a token may come from; empty: anywhere.
  std::vector<AddressRange> networks{};
  // How long a session may be unused; 0: forever.
  std::chrono::milliseconds idle{0};
  // Milliseconds since 1970, and what of it the store has.
  std::atomic<std::int64_t> last_used;
  std::atomic<std::int64_t> stored;
  // Tells last_address from another one.
  std::atomic<std::size_t> address_mark{0};
  // Guarded by the lock of KnownLogins.
  std::string last_address{};
};

// Any thread may call it.
class KnownLogins {
 public:
  // Null when the login is not known, has expired or was idle for too long: the store says then
  // what it is.
  std::shared_ptr<KnownLogin> find(const LoginKey& key, WallTime now) const;
  // `epoch` is from before the store was read. When a login was forgotten since then, this one is
  // not kept: what was read may be out of date.
  void put(const LoginKey& key, std::shared_ptr<KnownLogin> login, std::uint64_t epoch);
  // A request used the login. Takes no lock while the address stays the same.
  void note_use(KnownLogin& login, WallTime now, const std::string& address);

  // After a change in this program. Last uses are not forgotten.
  void forget_user(std::int64_t user_id);
  void forget_everything();
  // Changes with every forget.
  std::uint64_t epoch() const { return epoch_.load(); }
  std::size_t size() const;

  // Forgets everything when logins were changed since the last look: looks at the store's number
  // when it was not looked at for kLookAfter.
  Status keep_up(store::Store& store, SteadyTime now);

  struct Uses {
    std::vector<store::LoginUse> sessions;
    std::vector<store::LoginUse> tokens;
  };
  // The uses that the store does not have; those of logins that are known only when the store is
  // behind by more than `older_than`.
  Uses take_uses(std::chrono::milliseconds older_than);

 private:
  // A digest of a random secret needs no hash of its own.
  struct Hash {
    std::size_t operator()(const LoginKey& key) const noexcept;
  };

  // Both need mutex_.
  void drop(const std::shared_ptr<KnownLogin>& login);
  void drop_everything();

  mutable std::shared_mutex mutex_;
  // Guarded by mutex_.
  std::unordered_map<LoginKey, std::shared_ptr<KnownLogin>, Hash> logins_;
  // Guarded by mutex_. Forgotten, with a use that the store does not have; by their ids, which
  // sessions and tokens share.
  std::unordered_map<std::int64_t, std::shared_ptr<KnownLogin>> unsaved_;

  std::atomic<std::uint64_t> epoch_{0};
  // One thread looks at a time.
  std::mutex looking_;
  // The store's number as it was seen last, and when, in milliseconds of the steady clock.
  std::atomic<std::int64_t> seen_{-1};
  std::atomic<std::int64_t> looked_{std::numeric_limits<std::int64_t>::min() / 2};
};

// Writes last uses, once a minute, in a thread of its own. Many are one transaction.
class LoginUseWriter {
 public:
  LoginUseWriter(KnownLogins& logins, store::Store& store, Logger log)
      : logins_(logins), store_(store), log_(std::move(log)) {}
  ~LoginUseWriter() { stop(); }
  LoginUseWriter(const LoginUseWriter&) = delete;
  LoginUseWriter& operator=(const LoginUseWriter&) = delete;

  void start();
  // Writes what is left.
  void stop();
  // Writes the uses that the store does not have by `older_than`.
  Status write(std::chrono::milliseconds older_than);

 private:
  // Constant after construction.
  KnownLogins& logins_;
  store::Store& store_;
  Logger log_;

  std::mutex mutex_;
  std::condition_variable changed_;
  // Guarded by mutex_.
  bool stopping_ = false;
  std::thread thread_;
};

}  // namespace podplay::control
