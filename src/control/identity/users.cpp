// A use-case checks everything first and then changes everything in one transaction. At least one
// enabled administrator remains after each of them, and nobody ends what they need to undo it.
#include "control/identity/users.hpp"

#include <fmt/format.h>

#include "base/encoding.hpp"
#include "base/numbers.hpp"
#include "control/domain_pages.hpp"
#include "control/identity/grants.hpp"
#include "control/identity/known_logins.hpp"
#include "control/identity/own_password.hpp"
#include "control/identity/passwords.hpp"
#include "control/identity/rehash.hpp"
#include "control/identity/second_factor.hpp"
#include "control/identity/sessions.hpp"
#include "control/mail/directory.hpp"
#include "control/mail/waiting_mail.hpp"
#include "control/watch/health/check_account.hpp"
#include "model/names.hpp"
#include "store/aliases.hpp"
#include "store/domains.hpp"
#include "store/sessions.hpp"
#include "store/users.hpp"
#include "wire/users.hpp"

namespace podplay::control {
namespace {

bool administers(const User& user) { return user.role == Role::admin && user.enabled; }

// Nobody deletes or disables the account that they are logged in with: they could not undo it.
Status keep_own_account(const Actor& actor, const User& user, std::string_view verb) {
  if (!actor.is(user)) {
    return {};
  }
  return fail(ErrorKind::conflict, "own_account",
              fmt::format("{} cannot {} the account that this login is of", user.email, verb),
              "ask another administrator to do it");
}

bool changes_only_the_password(const UserInput& input) {
  return !input.role && !input.domains && !input.enabled && !input.quota && !input.services &&
         !input.username;
}

// The hash of a new password, made before the transaction.
struct NewPassword {
  std::string hash;
  // The hash that the current password was compared with; empty: it was not asked for.
  std::string proven;

  // Fails when the password was changed since it was proven.
  Status check_still(const User& user) const {
    if (proven.empty() || proven == user.password_hash) {
      return {};
    }
    return fail(ErrorKind::conflict, "password_changed",
                fmt::format("the password of {} was changed meanwhile", user.email),
                "log in again, and repeat the change with the new current password");
  }
};

// Who changes the own password must know the current one, and chooses; an administrator gives
// others theirs. The transaction checks permissions; what is wrong here first is no secret.
Result<NewPassword> new_password(Context& context, const Actor& actor, const std::string& key,
                                 const UserInput& input) {
  TRY(const auto user, context.store.read<std::optional<User>>([&](store::Session& session) {
    return find_user_by_key(session, key);
  }));
  if (user) {
    TRY(hide_refusal(actor.may_change(*user, true), key));
  }
  const bool own = user && actor.is(*user);
  NewPassword password;
  if (own) {
    TRY(prove_own_password(context, actor, *user, input.current_password));
    password.proven = user->password_hash;
  }
  TRY(password.hash, check_and_hash(*input.password,
                                    own ? PasswordChoice::own : choice_for_others(context.settings),
                                    user ? user->email : key, hash_cost(context.settings)));
  return password;
}

// What of the user's rights and logins changes.
bool weakens_logins(const User& before, const User& after) {
  return before.role != after.role || before.domains != after.domains ||
         before.enabled != after.enabled || before.password_hash != after.password_hash;
}

// A new password and disabling end the user's logins, but the one that changes the own password. A
// change of role ends sessions: a browser gets a new one for what it may do now.
void end_logins_after(Change& change, const Actor& actor, const User& before, const User& after) {
  if (before.password_hash != after.password_hash || !after.enabled) {
    end_logins_of(change.transaction(), after.id, actor.is(after) ? actor.login() : LoginFacts{});
  } else if (before.role != after.role || before.domains != after.domains) {
    store::delete_sessions_of(change.transaction(), after.id, 0);
  }
  if (weakens_logins(before, after)) {
    store::note_login_change(change.transaction());
  }
}

}  // namespace

std::optional<User> find_user_by_key(store::Session& session, const std::string& key) {
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

Status hide_refusal(Status permitted, const std::string& key) {
  if (!permitted && permitted.error().code == "not_your_domain") {
    return no_user(key);
  }
  return permitted;
}

Status keep_an_admin(store::Session& session, const User& user) {
  if (!administers(user) || store::count_enabled_admins(session) > 1) {
    return {};
  }
  return fail(ErrorKind::conflict, "last_admin",
              fmt::format("{} is the only administrator", user.email),
              "make another administrator first");
}

// Mail does not get the password's hash of somebody who has no mail.
FeedRow mailbox_row(const User& user) {
  const bool enabled = takes_mail(user);
  return {.key = user.email,
          .content =
              MailboxRow{.enabled = enabled,
                         .password_hash = enabled && !user.second_factor ? user.password_hash : "",
                         .quota = user.quota,
                         .owner = user.owner}};
}

std::int64_t random_owner() {
  std::uint64_t value = 0;
  random_bytes(&value, sizeof value);
  return static_cast<std::int64_t>(value >> 11U) + 1;
}

Status check_free(store::Session& session, const User& user) {
  if (!store::find_domain(session, user.domain)) {
    return fail_faults(
        {{.field = "email",
          .code = "domain_missing",
          .message = fmt::format("the domain {} does not exist here", user.domain),
          .remedy = fmt::format("add it first: podplay domains create --name {}", user.domain)}});
  }
  TRY(check_not_check_account(user.email, "email"));
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

Result<Changed<User>> create_user(Context& context, const Actor& actor, const UserInput& input,
                                  const WriteOptions& options) {
  TRY(may_give(actor, input));
  if (const auto email = EmailAddress::parse(input.email)) {
    TRY(actor.may_administer(email->domain()));
  }
  TRY(const auto built, build_user(input, choice_for_others(context.settings), context.clock.now(),
                                   hash_cost(context.settings)));
  auto created = make_change<User>(context, actor, options, [&](Change& change) -> Result<User> {
    User user = built;
    TRY(check_free(change.transaction(), user));
    TRY(check_granted_domains(change.transaction(), user));
    // no going back after this
    insert_user(change, user);
    note_grants(change, {}, user);
    change.finish("USER_CREATED", user.email, "create user " + user.email,
                  difference(nullptr, wire::to_json(user)));
    return user;
  });
  if (created && input.password) {
    warn_of_guesses(*input.password, created->object.email, created->warnings);
  }
  return created;
}

Result<User> get_user(Context& context, const Actor& actor, const std::string& key) {
  TRY(auto found, context.store.read<std::optional<User>>(
                      [&](store::Session& session) { return find_user_by_key(session, key); }));
  if (!found) {
    return no_user(key);
  }
  TRY(hide_refusal(actor.may_see(*found), key));
  return std::move(*found);
}

Result<std::vector<User>> list_users(Context& context, const Actor& actor,
                                     const std::string& domain, std::int64_t after,
                                     std::int64_t limit) {
  TRY(const auto wanted, actor.domains_to_list(domain));
  return context.store.read_together<std::vector<User>>([&](store::Session& session) {
    return page_of_domains<User>(wanted, limit, [&](const std::string& name) {
      return store::list_users(session, name, after, limit);
    });
  });
}

Result<Changed<User>> update_user(Context& context, const Actor& actor, const std::string& key,
                                  const UserInput& input, const WriteOptions& options) {
  TRY(may_give(actor, input));
  const bool only_password = changes_only_the_password(input);
  if (only_password && !input.password) {
    return fail_faults({{.code = "nothing_to_change",
                         .message = "the request changes nothing",
                         .remedy = "name what to change, e.g. {\"enabled\": false}"}});
  }
  NewPassword password;
  if (input.password) {
    TRY(password, new_password(context, actor, key, input));
  }
  auto changed = make_change<User>(context, actor, options, [&](Change& change) -> Result<User> {
    const auto before = find_user_by_key(change.transaction(), key);
    if (!before) {
      return no_user(key);
    }
    TRY(hide_refusal(actor.may_change(*before, only_password), key));
    TRY(check_match(options, before->revision));
    TRY(password.check_still(*before));
    User user = *before;
    std::vector<Fault> faults;
    apply_input(input, user, faults);
    TRY(no_faults(std::move(faults)));
    if (!administers(user)) {
      TRY(keep_an_admin(change.transaction(), *before));
    }
    if (before->enabled && !user.enabled) {
      TRY(keep_own_account(actor, *before, "disable"));
    }
    TRY(keep_own_grants(actor, *before, user));
    TRY(check_granted_domains(change.transaction(), user));
    if (!password.hash.empty()) {
      user.password_hash = password.hash;
    }
    if (user == *before) {
      change.leave(before->revision);
      return user;
    }
    // no going back after this
    user.updated = change.now();
    user.revision = change.revision();
    store::update_user(change.transaction(), user);
    end_logins_after(change, actor, *before, user);
    note_grants(change, *before, user);
    change.put(ServiceName::mail, mailbox_row(user));
    if (!password.hash.empty() && !only_password) {
      change.note("PASSWORD_CHANGED", user.email);
    }
    change.finish(only_password ? "PASSWORD_CHANGED" : "USER_UPDATED", user.email,
                  "update user " + user.email,
                  difference(wire::to_json(*before), wire::to_json(user)));
    return user;
  });
  if (changed && !options.dry_run) {
    context.known_logins.forget_user(changed->object.id);
  }
  if (changed && input.password) {
    warn_of_guesses(*input.password, changed->object.email, changed->warnings);
  }
  return changed;
}

void drop_user(Change& change, const Actor& actor, const User& user) {
  drop_credentials(change, user);
  end_logins_of(change.transaction(), user.id);
  store::delete_user(change.transaction(), user.id);
  change.put(ServiceName::mail, {.key = user.email, .deleted = true, .content = MailboxRow{}});
  add_waiting_mail_job(change, actor, user.email);
}

Result<Changed<User>> delete_user(Context& context, const Actor& actor, const std::string& key,
                                  const WriteOptions& options) {
  auto changed = make_change<User>(context, actor, options, [&](Change& change) -> Result<User> {
    const auto user = find_user_by_key(change.transaction(), key);
    if (!user) {
      return no_user(key);
    }
    TRY(hide_refusal(actor.may_administer(*user), key));
    TRY(check_match(options, user->revision));
    TRY(keep_an_admin(change.transaction(), *user));
    TRY(keep_own_account(actor, *user, "delete"));
    // no going back after this
    drop_user(change, actor, *user);
    change.finish("USER_DELETED", user->email, "delete user " + user->email,
                  difference(wire::to_json(*user), nullptr));
    return *user;
  });
  if (changed && !options.dry_run) {
    context.known_logins.forget_user(changed->object.id);
    context.jobs.wake();
  }
  return changed;
}

}  // namespace podplay::control
