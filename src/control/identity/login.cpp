// Logins and tokens.
#include "control/identity/login.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <mutex>

#include "base/encoding.hpp"
#include "control/audit.hpp"
#include "control/domains.hpp"
#include "model/names.hpp"
#include "store/domains.hpp"
#include "store/sessions.hpp"
#include "store/users.hpp"

namespace podplay::control {
namespace {

using namespace std::chrono;
constexpr std::size_t kMostFailures = 10;
constexpr std::size_t kMostFailuresOfAddress = 50;
constexpr auto kFailureWindow = hours(1);
constexpr std::size_t kMostKnown = 100'000;

std::string secret_path(const Context& context) {
  return context.paths.state + "/bootstrap.secret";
}

// What an unknown account is checked against, so that it takes as long as a known one.
const std::string& decoy_hash() {
  static const std::string hash = hash_password(Secret(random_token())).value_or("");
  return hash;
}

std::unexpected<Error> wrong_login() {
  return fail(ErrorKind::unauthorized, "login_failed",
              "the e-mail address or the password is wrong, or the account is disabled",
              "check both");
}

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
  actors_[hash] = {actor, expires};
}

void TokenCache::forget(const std::string& hash) {
  const std::unique_lock lock(mutex_);
  actors_.erase(hash);
  ++epoch_;
}

void TokenCache::forget_user(std::int64_t user_id) {
  const std::unique_lock lock(mutex_);
  std::erase_if(actors_, [&](const auto& entry) { return entry.second.first.user_id == user_id; });
  ++epoch_;
}

std::uint64_t TokenCache::epoch() const {
  const std::shared_lock lock(mutex_);
  return epoch_;
}

bool LoginLimits::is_full(const std::string& key, std::size_t most, WallTime now) {
  const auto found = tries_.find(key);
  if (found == tries_.end()) {
    return false;
  }
  std::erase_if(found->second, [&](WallTime at) { return at + kFailureWindow < now; });
  return found->second.size() >= most;
}

bool LoginLimits::begin(const std::string& address, const std::string& account, WallTime now) {
  const std::scoped_lock lock(mutex_);
  const std::string both = address + " " + account;
  if (is_full(both, kMostFailures, now) || is_full(address, kMostFailuresOfAddress, now)) {
    return false;
  }
  if (tries_.size() >= kMostKnown) {
    std::erase_if(tries_, [&](const auto& entry) {
      return entry.second.empty() || entry.second.back() + kFailureWindow < now;
    });
  }
  // Who has failed before keeps being counted; who is new to a full table is not let in.
  if (tries_.size() >= kMostKnown && !tries_.contains(address)) {
    return false;
  }
  tries_[both].push_back(now);
  tries_[address].push_back(now);
  return true;
}

void LoginLimits::succeeded(const std::string& address, const std::string& account,
                            WallTime began) {
  const std::scoped_lock lock(mutex_);
  for (const std::string& key : {address + " " + account, address}) {
    const auto found = tries_.find(key);
    if (found == tries_.end()) {
      continue;
    }
    const auto one = std::ranges::find(found->second, began);
    if (one != found->second.end()) {
      found->second.erase(one);
    }
    if (found->second.empty()) {
      tries_.erase(found);
    }
  }
}

Result<Login> login(Context& context, const std::string& email, const Secret& password,
                    const Actor& asking) {
  const WallTime now = context.clock.now();
  const auto address = EmailAddress::parse(email);
  const std::string account = address ? address->text() : "?";
  if (!context.logins.begin(asking.remote_address, account, now)) {
    return fail(ErrorKind::rate_limited, "too_many_logins",
                "there were too many failed logins within an hour",
                "wait until an hour has passed since the first of them");
  }
  auto found = context.store.read<std::optional<User>>([&](store::Session& session) {
    return address ? store::find_user(session, address->text()) : std::nullopt;
  });
  if (!found) {
    return std::unexpected(found.error());
  }
  const bool right = verify_password(*found ? (**found).password_hash : decoy_hash(), password) &&
                     found->has_value() && (**found).enabled;
  const std::string subject = address ? address->text() : "(no address)";
  store::AuditRow event =
      audit_event(context, asking, right ? "LOGIN_SUCCESS" : "LOGIN_FAILED", subject);
  event.actor = subject;
  if (!right) {
    context.auth.warn(
        "login failed",
        {{"email", subject}, {"from", asking.remote_address}, {"request", asking.request_id}});
    auto kept = context.store.write<bool>([&](store::Transaction& transaction) -> Result<bool> {
      store::insert_audit(transaction, event);
      return true;
    });
    if (!kept) {
      return std::unexpected(kept.error());
    }
    return wrong_login();
  }
  context.logins.succeeded(asking.remote_address, account, now);
  Login result{random_token(), now + seconds(context.settings.integer("PODPLAY_TOKEN_LIFETIME")),
               std::move(**found)};
  auto kept = context.store.write<bool>([&](store::Transaction& transaction) -> Result<bool> {
    store::delete_expired_tokens(transaction, now);
    store::insert_token(transaction,
                        {sha256_hex(result.token), result.user.id, now, result.expires});
    store::insert_audit(transaction, event);
    return true;
  });
  if (!kept) {
    return std::unexpected(kept.error());
  }
  context.auth.info(
      "logged in",
      {{"email", subject}, {"from", asking.remote_address}, {"request", asking.request_id}});
  return result;
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
  };
  auto found = context.store.read_together<Found>([&](store::Session& session) {
    Found result{store::find_token(session, hash), std::nullopt};
    if (result.token) {
      result.user = store::find_user(session, result.token->user_id);
    }
    return result;
  });
  if (!found) {
    return std::unexpected(found.error());
  }
  if (!found->token || !found->user || !found->user->enabled || found->token->expires <= now) {
    return fail(ErrorKind::unauthorized, "token_invalid", "the token is unknown or has expired",
                "log in again: podplay login");
  }
  Actor actor{found->user->id, found->user->email, found->user->domain, found->user->role, "", ""};
  context.tokens.put(hash, actor, found->token->expires, epoch);
  return actor;
}

Status logout(Context& context, const Actor& actor, const std::string& token) {
  const std::string hash = sha256_hex(token);
  auto done = context.store.write<bool>([&](store::Transaction& transaction) -> Result<bool> {
    store::delete_token(transaction, hash);
    store::insert_audit(transaction, audit_event(context, actor, "LOGOUT", actor.email));
    return true;
  });
  context.tokens.forget(hash);
  if (!done) {
    return std::unexpected(done.error());
  }
  context.auth.info(
      "logged out",
      {{"email", actor.email}, {"from", actor.remote_address}, {"request", actor.request_id}});
  return {};
}

Status prepare_bootstrap(Context& context) {
  auto admins = context.store.read<std::int64_t>(
      [](store::Session& session) { return store::count_enabled_admins(session); });
  if (!admins) {
    return std::unexpected(admins.error());
  }
  if (*admins > 0) {
    return context.files.remove_tree(secret_path(context));
  }
  if (context.files.exists(secret_path(context))) {
    return {};
  }
  context.log.info("no administrator yet: `podplay bootstrap` makes the first",
                   {{"secret", secret_path(context)}});
  return context.files.write_atomic(secret_path(context), random_token(), 0600);
}

Result<Changed<User>> bootstrap(Context& context, const Actor& asking, const std::string& secret,
                                const UserInput& input, const WriteOptions& options) {
  const auto kept = context.files.read(secret_path(context));
  if (!kept) {
    return fail(ErrorKind::conflict, "bootstrapped", "the first administrator was made already",
                "log in, or let an administrator set a new password");
  }
  if (!equal_constant_time(*kept, secret)) {
    return fail(ErrorKind::forbidden, "bad_secret",
                "this is not the one-time secret of the state volume",
                "`podplay bootstrap` on the host reads it");
  }
  UserInput admin = input;
  admin.role = "admin";
  TRY(auto built, build_user(admin, context.clock.now()));
  Actor system = asking;
  system.email = "system";
  auto changed = make_change<User>(context, system, options, [&](Change& change) -> Result<User> {
    if (store::count_enabled_admins(change.transaction()) > 0) {
      return fail(ErrorKind::conflict, "bootstrapped", "the first administrator was made already",
                  "log in");
    }
    User user = built;
    const std::string& domain = context.settings.text("PODPLAY_DOMAIN");
    if (!store::find_domain(change.transaction(), domain)) {
      TRY(add_domain(context, change, domain, true));
    }
    TRY(check_free(change.transaction(), user));
    // no going back after this
    insert_user(change, user);
    change.finish("USER_CREATED", user.email, "make the first administrator " + user.email);
    return user;
  });
  if (!changed || options.dry_run) {
    return changed;
  }
  ensure_web_root(context, context.settings.text("PODPLAY_DOMAIN"));
  const Status removed = context.files.remove_tree(secret_path(context));
  if (!removed) {
    context.log.error("the used bootstrap secret could not be removed; it is refused from now on",
                      {{"why", describe(removed.error())}});
  }
  return changed;
}

}  // namespace podplay::control
