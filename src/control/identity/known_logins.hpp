// Logins in memory, so that a request needs no SQL for its login and no write for its use.
//
// Two things keep it true beside another control plane on the same store. Whatever ends or weakens
// a login changes a counter in the store (store::count_login_change), which is looked at once a
// second: an ended login is let in for at most a second. When a login was used is written after
// kUseDelay at most, so an idle session ends that much too early at worst.
#pragma once

#include <atomic>
#include <cstdint>
#include <memory>
#include <optional>
#include <shared_mutex>
#include <string>
#include <unordered_map>
#include <vector>

#include "control/identity/actor.hpp"
#include "store/sessions.hpp"
#include "store/store.hpp"

namespace podplay::control {

inline constexpr std::chrono::seconds kLookAfter{1};
inline constexpr std::chrono::minutes kUseDelay{5};

// One login that is known. Constant, apart from its last use.
struct KnownLogin {
  KnownLogin(Actor whose, WallTime used) : actor(std::move(whose)), last_used(to_millis(used)) {}

  Actor actor;
  // Where a token may come from; empty: anywhere.
  std::vector<std::string> networks{};
  // How long a session may be unused; 0: forever.
  std::chrono::milliseconds idle{0};
  // Milliseconds since 1970.
  std::atomic<std::int64_t> last_used;
  // What of it the store has.
  std::atomic<std::int64_t> stored{0};
  // Where it was used last, guarded by the lock of KnownLogins.
  std::string last_address{};
};

// Any thread may call it.
class KnownLogins {
 public:
  // `hash` is the SHA-256, in hex, of what was shown. Null when it is not known, has expired or was
  // idle for too long: the store says then what it is.
  std::shared_ptr<KnownLogin> find(const std::string& hash, WallTime now) const;
  // `epoch` is from before the store was read. When a login was forgotten since then, this one is
  // not kept: what was read may be out of date.
  void put(const std::string& hash, std::shared_ptr<KnownLogin> login, std::uint64_t epoch);
  // A use by a request. Costs no lock when the address is the one of before.
  void note_use(KnownLogin& login, WallTime now, const std::string& address);

  // After a change in this program. Their last uses are not forgotten.
  void forget(LoginFacts::Kind kind, std::int64_t id);
  void forget_user(std::int64_t user_id);
  void forget_everything();
  // Changes with every forget.
  std::uint64_t epoch() const { return epoch_.load(); }
  std::size_t size() const;

  // Forgets everything when another program changed logins: looks at the store's counter when it
  // was not looked at for kLookAfter.
  Status keep_up(store::Store& store, WallTime now);

  // The uses that the store does not have, oldest first. `older_than` leaves out those that it has
  // nearly right.
  struct Uses {
    std::vector<store::LoginUse> sessions;
    std::vector<store::LoginUse> tokens;
  };
  Uses take_uses(std::chrono::milliseconds older_than);

 private:
  void drop(const std::shared_ptr<KnownLogin>& login);

  mutable std::shared_mutex mutex_;
  // Guarded by mutex_.
  std::unordered_map<std::string, std::shared_ptr<KnownLogin>> logins_;
  // Guarded by mutex_. Forgotten, with a use that the store does not have.
  std::vector<std::shared_ptr<KnownLogin>> unsaved_;

  std::atomic<std::uint64_t> epoch_{0};
  // The store's counter as it was seen last, and when. One thread looks at a time.
  std::atomic<std::int64_t> seen_{-1};
  std::atomic<std::int64_t> looked_{0};
  std::mutex looking_;
};

}  // namespace podplay::control
