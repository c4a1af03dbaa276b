// Users: parse everything and collect what is wrong, then change in one transaction.
#include "control/identity/users.hpp"

#include <fmt/format.h>

#include <set>

#include "base/encoding.hpp"
#include "base/numbers.hpp"
#include "control/identity/tokens.hpp"
#include "model/names.hpp"
#include "store/aliases.hpp"
#include "store/domains.hpp"
#include "store/feed.hpp"
#include "store/sessions.hpp"
#include "store/users.hpp"
#include "wire/feed.hpp"

namespace podplay::control {
namespace {

constexpr std::size_t kShortestPassword = 8;
constexpr std::size_t kLongestPassword = 1024;

void check_password(const Secret& password, std::vector<Fault>& faults) {
  const std::size_t size = password.reveal().size();
  if (size < kShortestPassword || size > kLongestPassword ||
      password.reveal().find('\0') != std::string::npos) {
    faults.push_back({"password", "bad_password",
                      fmt::format("the password has {} characters", size),
                      fmt::format("use {} to {} characters", kShortestPassword, kLongestPassword)});
  }
}

// "info" of info@example.com, made long enough for a user name.
std::string derive_username(const std::string& local) {
  std::string name;
  for (const char c : local) {
    name += UserName::parse(std::string(3, c)) ? c : '_';
  }
  while (name.size() < 3) {
    name += '_';
  }
  return name.substr(0, 64);
}

// Everything of the input but the password; what is absent stays.
void apply_input(const UserInput& input, User& user, std::vector<Fault>& faults) {
  if (input.username) {
    const auto name = UserName::parse(*input.username);
    if (name) {
      user.username = name->text();
    } else {
      collect(faults, name.error());
    }
  }
  if (input.role) {
    const auto role = parse_role(*input.role);
    if (role) {
      user.role = *role;
    } else {
      collect(faults, role.error());
    }
  }
  if (input.quota) {
    if (*input.quota >= 0) {
      user.quota = *input.quota;
    } else {
      faults.push_back({"quota", "bad_quota",
                        fmt::format("a quota of {} bytes is not possible", *input.quota),
                        "use 0 for unlimited, or a number of bytes"});
    }
  }
  if (input.services) {
    user.offers.clear();
    for (const std::string& text : *input.services) {
      const auto offer = parse_offer(text);
      if (offer) {
        user.offers.insert(*offer);
      } else {
        collect(faults, offer.error());
      }
    }
  }
  if (input.enabled) {
    user.enabled = *input.enabled;
  }
}

Fault domain_missing(const std::string& domain) {
  return {"email", "domain_missing", fmt::format("the domain {} does not exist here", domain),
          fmt::format("add it first: podplay domains create --name {}", domain)};
}

std::optional<User> find_by_key(store::Session& session, const std::string& key) {
  if (const auto id = parse_number<std::int64_t>(key)) {
    return store::find_user(session, *id);
  }
  const auto email = EmailAddress::parse(key);
  return email ? store::find_user(session, email->text()) : std::nullopt;
}

std::unexpected<Error> no_user(const std::string& key) {
  return fail(ErrorKind::not_found, "user_unknown",
              fmt::format("there is no user {}", key.substr(0, 254)),
              "podplay users list shows the users");
}

// Below 2^53, so that every reader of JSON keeps it whole; never 0.
std::int64_t random_owner() {
  std::uint64_t value = 0;
  random_bytes(&value, sizeof value);
  return static_cast<std::int64_t>(value >> 11U) + 1;
}

// Outside of what somebody administers there is nobody, whether there is or not.
std::unexpected<Error> hidden(const Error& refusal, const std::string& key) {
  return refusal.code == "not_your_domain" ? no_user(key) : std::unexpected(refusal);
}

// Somebody must be able to administer.
Status keep_an_admin(store::Session& session, const User& before, const User* after) {
  const bool was = before.role == Role::admin && before.enabled;
  const bool stays = after != nullptr && after->role == Role::admin && after->enabled;
  if (!was || stays || store::count_enabled_admins(session) > 1) {
    return {};
  }
  return fail(ErrorKind::conflict, "last_admin",
              fmt::format("{} is the only administrator", before.email),
              "make another administrator first");
}

}  // namespace

FeedRow mailbox_row(const User& user) {
  return {.key = user.email,
          .content = MailboxRow{.enabled = user.enabled && user.offers.contains(Offer::mail),
                                .password_hash = user.password_hash,
                                .quota = user.quota,
                                .owner = user.owner}};
}

Status check_free(store::Session& session, const User& user) {
  std::vector<Fault> faults;
  if (!store::find_domain(session, user.domain)) {
    faults.push_back(domain_missing(user.domain));
  }
  if (!faults.empty()) {
    return fail_faults(std::move(faults));
  }
  if (store::find_user(session, user.email)) {
    return fail(ErrorKind::conflict, "user_exists",
                fmt::format("the user {} exists already", user.email),
                "change it with podplay users update");
  }
  if (store::find_alias(session, user.email)) {
    return fail(ErrorKind::conflict, "alias_exists",
                fmt::format("{} is an alias already", user.email), "delete the alias first");
  }
  return {};
}

void insert_user(Change& change, User& user) {
  user.id = change.transaction().next("id");
  user.owner = random_owner();
  user.revision = change.revision();
  store::insert_user(change.transaction(), user);
  change.put(ServiceName::mail, mailbox_row(user));
}

Result<User> build_user(const UserInput& input, WallTime now) {
  std::vector<Fault> faults;
  User user;
  const auto email = EmailAddress::parse_own(input.email);
  if (email) {
    user.email = email->text();
    user.domain = email->domain();
    user.username = derive_username(email->local());
  } else {
    collect(faults, email.error());
  }
  apply_input(input, user, faults);
  if (input.password_hash) {
    if (is_password_hash(*input.password_hash)) {
      user.password_hash = *input.password_hash;
    } else {
      faults.push_back({"password_hash", "bad_hash", "the password hash is not argon2id",
                        "give $argon2id$v=19$... of at most 64 MiB, or a password"});
    }
  } else if (input.password) {
    check_password(*input.password, faults);
  } else {
    faults.push_back(
        {"password", "missing", "a password is missing", "give at least 8 characters"});
  }
  if (!faults.empty()) {
    return fail_faults(std::move(faults));
  }
  if (!input.password_hash) {
    TRY(auto hash, hash_password(*input.password));
    user.password_hash = std::move(hash);
  }
  user.created = user.updated = now;
  return user;
}

Result<Changed<User>> create_user(Context& context, const Actor& actor, const UserInput& input,
                                  const WriteOptions& options) {
  if (input.role) {
    TRY(actor.may_give_role(*input.role));
  }
  if (const auto email = EmailAddress::parse(input.email)) {
    TRY(actor.may_administer(email->domain()));
  }
  // Hashing takes 22 ms: before the transaction, not while others wait for the store.
  TRY(auto built, build_user(input, context.clock.now()));
  return make_change<User>(context, actor, options, [&](Change& change) -> Result<User> {
    User user = built;
    TRY(check_free(change.transaction(), user));
    // no going back after this
    insert_user(change, user);
    change.finish("USER_CREATED", user.email, "create user " + user.email);
    return user;
  });
}

Result<User> get_user(Context& context, const Actor& actor, const std::string& key) {
  auto found = context.store.read<std::optional<User>>(
      [&](store::Session& session) { return find_by_key(session, key); });
  if (!found) {
    return std::unexpected(found.error());
  }
  if (!*found) {
    return no_user(key);
  }
  if (Status permitted = actor.may_see(**found); !permitted) {
    return hidden(permitted.error(), key);
  }
  return std::move(**found);
}

Result<std::vector<User>> list_users(Context& context, const Actor& actor,
                                     const std::string& domain, std::int64_t after,
                                     std::int64_t limit) {
  TRY(const auto wanted, actor.domain_to_list(domain));
  return context.store.read<std::vector<User>>(
      [&](store::Session& session) { return store::list_users(session, wanted, after, limit); });
}

Result<Changed<User>> update_user(Context& context, const Actor& actor, const std::string& key,
                                  const UserInput& input, const WriteOptions& options) {
  if (input.role) {
    TRY(actor.may_give_role(*input.role));
  }
  const bool only_password =
      !input.role && !input.enabled && !input.quota && !input.services && !input.username;
  if (only_password && !input.password) {
    return fail_faults({{"", "nothing_to_change", "the request changes nothing",
                         "name what to change, e.g. {\"enabled\": false}"}});
  }
  std::string hash;
  if (input.password) {
    std::vector<Fault> faults;
    check_password(*input.password, faults);
    if (!faults.empty()) {
      return fail_faults(std::move(faults));
    }
    TRY(auto made, hash_password(*input.password));
    hash = std::move(made);
  }
  auto changed = make_change<User>(context, actor, options, [&](Change& change) -> Result<User> {
    const auto before = find_by_key(change.transaction(), key);
    if (!before) {
      return no_user(key);
    }
    if (Status permitted = actor.may_change(*before, only_password); !permitted) {
      return hidden(permitted.error(), key);
    }
    TRY(check_match(options, before->revision));
    User user = *before;
    std::vector<Fault> faults;
    apply_input(input, user, faults);
    if (!faults.empty()) {
      return fail_faults(std::move(faults));
    }
    TRY(keep_an_admin(change.transaction(), *before, &user));
    // no going back after this
    if (!hash.empty()) {
      user.password_hash = hash;
    }
    user.updated = change.now();
    user.revision = change.revision();
    store::update_user(change.transaction(), user);
    if (!hash.empty() || !user.enabled) {
      store::delete_tokens_of(change.transaction(), user.id);
    }
    change.put(ServiceName::mail, mailbox_row(user));
    if (!hash.empty() && !only_password) {
      change.note("PASSWORD_CHANGED", user.email);
    }
    change.finish(only_password ? "PASSWORD_CHANGED" : "USER_UPDATED", user.email,
                  "update user " + user.email);
    return user;
  });
  if (changed && !options.dry_run) {
    context.tokens.forget_user(changed->object.id);
  }
  return changed;
}

Result<Changed<User>> delete_user(Context& context, const Actor& actor, const std::string& key,
                                  const WriteOptions& options) {
  auto changed = make_change<User>(context, actor, options, [&](Change& change) -> Result<User> {
    const auto user = find_by_key(change.transaction(), key);
    if (!user) {
      return no_user(key);
    }
    if (Status permitted = actor.may_administer(*user); !permitted) {
      return hidden(permitted.error(), key);
    }
    Status fine = check_match(options, user->revision);
    if (fine) {
      fine = keep_an_admin(change.transaction(), *user, nullptr);
    }
    if (!fine) {
      return std::unexpected(fine.error());
    }
    // no going back after this
    store::delete_tokens_of(change.transaction(), user->id);
    store::delete_user(change.transaction(), user->id);
    change.put(ServiceName::mail, {.key = user->email, .deleted = true, .content = MailboxRow{}});
    change.finish("USER_DELETED", user->email, "delete user " + user->email);
    return *user;
  });
  if (changed && !options.dry_run) {
    context.tokens.forget_user(changed->object.id);
  }
  return changed;
}

Error at_line(Error error, std::int64_t number) {
  error.message = fmt::format("line {}: {}", number, error.message);
  if (error.remedy.empty()) {
    error.remedy = "nothing was imported; mend the line and send everything again";
  }
  return error;
}

Result<std::string> check_and_hash(const UserInput& input) {
  if (!input.password || input.password_hash) {
    return std::string();
  }
  std::vector<Fault> faults;
  check_password(*input.password, faults);
  if (!faults.empty()) {
    return fail_faults(std::move(faults));
  }
  return hash_password(*input.password);
}

Result<Changed<std::int64_t>> import_users(Context& context, const Actor& actor,
                                           const ImportSource& next, const WriteOptions& options) {
  return make_change<std::int64_t>(
      context, actor, options, [&](Change& change) -> Result<std::int64_t> {
        store::UserInserter users(change.transaction());
        store::FeedWriter feed(change.transaction());
        std::set<std::string> domains;
        std::vector<User> batch;
        std::int64_t count = 0;
        const auto flush = [&] {
          const auto size = static_cast<std::int64_t>(batch.size());
          if (size == 0) {
            return;
          }
          std::int64_t id = change.transaction().next("id", size);
          auto seq = static_cast<std::uint64_t>(change.transaction().next("feed", size));
          for (User& user : batch) {
            user.id = id++;
            user.owner = random_owner();
            users.insert(user);
            feed.put(ServiceName::mail, {.kind = RowKind::mailbox,
                                         .key = user.email,
                                         .seq = seq++,
                                         .revision = change.revision(),
                                         .deleted = false,
                                         .content = wire::content_text(mailbox_row(user).content)});
          }
          count += size;
          batch.clear();
        };
        std::set<std::string> in_batch;
        for (;;) {
          TRY(const auto line, next());
          if (!line) {
            break;
          }
          auto user = build_user(line->user, change.now());
          Status fine = user ? Status{} : std::unexpected(user.error());
          if (fine && !domains.contains(user->domain)) {
            fine = actor.may_administer(user->domain);
            if (fine && !store::find_domain(change.transaction(), user->domain)) {
              fine = fail_faults({domain_missing(user->domain)});
            }
            if (fine) {
              domains.insert(user->domain);
            }
          }
          if (fine && in_batch.contains(user->email)) {
            fine =
                fail(ErrorKind::conflict, "user_twice", fmt::format("{} comes twice", user->email));
          }
          if (fine) {
            fine = check_free(change.transaction(), *user);
          }
          if (!fine) {
            return std::unexpected(at_line(fine.error(), line->number));
          }
          user->revision = change.revision();
          in_batch.insert(user->email);
          batch.push_back(std::move(*user));
          if (batch.size() == 500) {
            flush();
            in_batch.clear();
          }
        }
        flush();
        change.concern_rows(ServiceName::mail);
        change.finish("USERS_IMPORTED", fmt::format("{} users", count),
                      fmt::format("import {} users", count));
        return count;
      });
}

}  // namespace podplay::control
