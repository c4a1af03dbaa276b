// A login that is forgotten keeps its last use until that is written: forgetting is about what a
// login may do, not about whether it was used.
#include "control/identity/known_logins.hpp"

#include <algorithm>
#include <cstring>
#include <functional>
#include <mutex>
#include <utility>

#include "base/encoding.hpp"

namespace podplay::control {
namespace {

// A full memory is emptied: the logins in use come back with their next requests.
constexpr std::size_t kMostKnown = 100'000;

std::int64_t millis_of(SteadyTime time) {
  return std::chrono::duration_cast<std::chrono::milliseconds>(time.time_since_epoch()).count();
}

store::LoginUse use_of(const KnownLogin& login) {
  return {.id = login.facts.id,
          .at = from_millis(login.last_used.load()),
          .address = login.last_address};
}

}  // namespace

LoginKey LoginKey::of(LoginFacts::Kind kind, std::string_view shown) {
  LoginKey key{.kind = kind};
  std::ranges::copy(sha256(shown), key.digest.begin());
  return key;
}

std::string LoginKey::hash() const { return hex({digest.data(), digest.size()}); }

KnownLogin::KnownLogin(const User& user, const LoginFacts& login, WallTime used)
    : facts(login),
      user_id(user.id),
      role(user.role),
      email(user.email),
      domains(user.domains.begin(), user.domains.end()),
      last_used(to_millis(used)),
      stored(to_millis(used)) {}

Actor KnownLogin::actor() const {
  return Actor::of({.id = user_id,
                    .email = email,
                    .domain = email.substr(email.rfind('@') + 1),
                    .role = role,
                    .offers = {},
                    .domains = {domains.begin(), domains.end()}},
                   facts);
}

std::size_t KnownLogins::Hash::operator()(const LoginKey& key) const noexcept {
  std::size_t hash = 0;
  std::memcpy(&hash, key.digest.data(), sizeof hash);
  return hash;
}

std::shared_ptr<KnownLogin> KnownLogins::find(const LoginKey& key, WallTime now) const {
  const std::shared_lock lock(mutex_);
  const auto found = logins_.find(key);
  if (found == logins_.end() || found->second->facts.expires <= now) {
    return nullptr;
  }
  const KnownLogin& login = *found->second;
  if (login.idle.count() > 0 && from_millis(login.last_used.load()) + login.idle <= now) {
    return nullptr;
  }
  return found->second;
}

void KnownLogins::put(const LoginKey& key, std::shared_ptr<KnownLogin> login, std::uint64_t epoch) {
  const std::unique_lock lock(mutex_);
  if (epoch != epoch_) {
    return;
  }
  if (logins_.size() >= kMostKnown) {
    drop_everything();
  }
  auto& place = logins_[key];
  if (place) {
    drop(place);
  }
  place = std::move(login);
}

void KnownLogins::note_use(KnownLogin& login, WallTime now, const std::string& address) {
  login.last_used.store(to_millis(now), std::memory_order_relaxed);
  const std::size_t mark = std::hash<std::string>{}(address);
  if (login.address_mark.load(std::memory_order_relaxed) != mark) {
    const std::unique_lock lock(mutex_);
    login.last_address = address;
    login.address_mark.store(mark, std::memory_order_relaxed);
  }
}

void KnownLogins::forget_user(std::int64_t user_id) {
  const std::unique_lock lock(mutex_);
  std::erase_if(logins_, [&](const auto& entry) {
    if (entry.second->user_id != user_id) {
      return false;
    }
    drop(entry.second);
    return true;
  });
  ++epoch_;
}

void KnownLogins::forget_everything() {
  const std::unique_lock lock(mutex_);
  drop_everything();
  ++epoch_;
}

std::size_t KnownLogins::size() const {
  const std::shared_lock lock(mutex_);
  return logins_.size();
}

Status KnownLogins::keep_up(store::Store& store, SteadyTime now) {
  const std::int64_t at = millis_of(now);
  const auto is_fresh = [&] {
    return at - looked_.load() < std::chrono::milliseconds(kLookAfter).count();
  };
  if (is_fresh()) {
    return {};
  }
  const std::unique_lock lock(looking_, std::try_to_lock);
  if (!lock || is_fresh()) {
    return {};
  }
  TRY(const auto changes, store.read<std::int64_t>([](store::Session& session) {
    return store::login_changes(session);
  }));
  if (seen_ != changes) {
    forget_everything();
    seen_ = changes;
  }
  looked_ = at;
  return {};
}

KnownLogins::Uses KnownLogins::take_uses(std::chrono::milliseconds older_than) {
  const std::unique_lock lock(mutex_);
  Uses uses;
  const auto take = [&](KnownLogin& login) {
    const bool session = login.facts.kind == LoginFacts::Kind::session;
    (session ? uses.sessions : uses.tokens).push_back(use_of(login));
    login.stored.store(login.last_used.load());
  };
  for (const auto& [id, login] : unsaved_) {
    take(*login);
  }
  unsaved_.clear();
  for (const auto& [key, login] : logins_) {
    if (login->last_used.load() - login->stored.load() > older_than.count()) {
      take(*login);
    }
  }
  return uses;
}

void KnownLogins::drop(const std::shared_ptr<KnownLogin>& login) {
  if (login->last_used.load() > login->stored.load()) {
    unsaved_[login->facts.id] = login;
  }
}

void KnownLogins::drop_everything() {
  for (const auto& [key, login] : logins_) {
    drop(login);
  }
  logins_.clear();
}

void LoginUseWriter::start() {
  thread_ = std::thread([this] {
    std::unique_lock lock(mutex_);
    while (!changed_.wait_for(lock, kUseTurn, [this] { return stopping_; })) {
      lock.unlock();
      static_cast<void>(write(kUseDelay));
      lock.lock();
    }
  });
}

void LoginUseWriter::stop() {
  {
    const std::scoped_lock lock(mutex_);
    stopping_ = true;
  }
  changed_.notify_all();
  if (thread_.joinable()) {
    thread_.join();
    static_cast<void>(write(std::chrono::milliseconds(0)));
  }
}

Status LoginUseWriter::write(std::chrono::milliseconds older_than) {
  const KnownLogins::Uses uses = logins_.take_uses(older_than);
  if (uses.sessions.empty() && uses.tokens.empty()) {
    return {};
  }
  const auto done = store_.write<bool>([&](store::Transaction& transaction) -> Result<bool> {
    store::note_session_uses(transaction, uses.sessions);
    store::note_token_uses(transaction, uses.tokens);
    return true;
  });
  if (!done) {
    log_.warn("when logins were used could not be stored", {{"why", describe(done.error())}});
    return std::unexpected(done.error());
  }
  return {};
}

}  // namespace podplay::control
