// Tokens are random. Only their SHA-256 hashes are stored, so a copy of the store lets nobody in.
#include "control/identity/tokens.hpp"

#include "base/encoding.hpp"
#include "store/domains.hpp"
#include "store/tokens.hpp"
#include "store/users.hpp"

namespace podplay::control {
namespace {

// A full cache is emptied: the tokens in use come back with their next requests.
constexpr std::size_t kMostKnown = 100'000;

}  // namespace

std::optional<Actor> TokenCache::find(const std::string& hash, WallTime now) const {
  const std::shared_lock lock(mutex_);
  const auto found = actors_.find(hash);
  if (found == actors_.end() || found->second.second <= now) {
    return std::nullopt;
  }
  return found->second.first;
}

void TokenCache::put(const std::string& hash, const Actor& actor, WallTime expires,
                     std::uint64_t epoch) {
  const std::unique_lock lock(mutex_);
  if (epoch != epoch_) {
    return;
  }
  if (actors_.size() >= kMostKnown) {
    actors_.clear();
  }
  actors_.insert_or_assign(hash, std::pair(actor, expires));
}

void TokenCache::forget(const std::string& hash) {
  const std::unique_lock lock(mutex_);
  actors_.erase(hash);
  ++epoch_;
}

void TokenCache::forget_user(std::int64_t user_id) {
  const std::unique_lock lock(mutex_);
  std::erase_if(actors_,
                [&](const auto& entry) { return entry.second.first.user_id() == user_id; });
  ++epoch_;
}

void TokenCache::forget_domain(const std::string& domain) {
  const std::unique_lock lock(mutex_);
  std::erase_if(actors_, [&](const auto& entry) { return entry.second.first.domain() == domain; });
  ++epoch_;
}

std::uint64_t TokenCache::epoch() const {
  const std::shared_lock lock(mutex_);
  return epoch_;
}

bool may_use_api(store::Session& session, const User& user) {
  if (!user.enabled || user.role == Role::admin) {
    return user.enabled;
  }
  const auto domain = store::find_domain(session, user.domain);
  return domain && domain->enabled;
}

Result<Actor> authenticate(Context& context, const std::string& token) {
  const WallTime now = context.clock.now();
  const std::string hash = sha256_hex(token);
  if (auto known = context.tokens.find(hash, now)) {
    return std::move(*known);
  }
  const std::uint64_t epoch = context.tokens.epoch();
  struct Found {
    std::optional<store::TokenRow> token;
    std::optional<User> user;
    bool allowed = false;
  };
  TRY(const auto found, context.store.read_together<Found>([&](store::Session& session) {
    Found result{.token = store::find_token(session, hash)};
    if (result.token) {
      result.user = store::find_user(session, result.token->user_id);
    }
    result.allowed = result.user && may_use_api(session, *result.user);
    return result;
  }));
  if (!found.token || !found.allowed || found.token->expires <= now) {
    return fail(ErrorKind::unauthorized, "token_invalid", "the token is unknown or has expired",
                "log in again: podplay login");
  }
  const Actor actor = Actor::of(*found.user);
  context.tokens.put(hash, actor, found.token->expires, epoch);
  return actor;
}

}  // namespace podplay::control
